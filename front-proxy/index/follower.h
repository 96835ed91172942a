// FleetIndex: keeps the front-proxy's WorkspaceIndex: one stream a shard, and one to the cache-server that tells which
// shards there are.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "common/index/workspace_index.h"
#include "common/loop/loop.h"
#include "common/loop/task.h"
#include "common/rpc/back_off.h"
#include "common/rpc/channel.h"
#include "front-proxy/index/index_store.h"

namespace atoll::front_proxy {

// On one loop, but for AddressOf, ready and connected. Bound: one stream a shard.
class FleetIndex {
 public:
  struct Options {
    std::map<std::string, ShardAddress> shards;  // known from the start; win over what is learned
    std::string cache_address;                   // host:port; "": none, no more shards are learned
    rpc::ChannelOptions channel;                 // but for the target
    IndexStore* store = nullptr;
    index::WorkspaceIndex* index = nullptr;
    rpc::BackOff::Options back_off;
    std::function<void()> on_change = [] {};  // on the loop, after each batch that was applied
  };
  FleetIndex(Loop& loop, Options options);
  ~FleetIndex();  // REQUIRES: Stop() has ended, or Start was not called.

  // Fills the index from the store and starts following. Reads the disk: at start-up only. Errors: DataLoss, those of
  // the engine.
  absl::Status Start();
  Task<void> Stop();

  // Any thread:
  std::optional<ShardAddress> AddressOf(std::string_view shard) const;
  // True once there is something to route by and nothing more to be waited for: the cache-server said which shards
  // there are, and each has told its part (or the store had it), or cannot be reached. One that is down holds up
  // nobody.
  bool ready() const;
  // Shards whose stream stands.
  size_t connected() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace atoll::front_proxy
