// ShardIndex: one shard's part of the index, followed from where the store left it. Includes gRPC: for .cc files.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "common/index/workspace_index.h"
#include "common/rpc/channel.h"
#include "common/rpc/follower.h"
#include "front-proxy/index/index_store.h"
#include "proto/index/index.grpc.pb.h"

namespace atoll::front_proxy {

// Loop thread only. Stop before destruction.
class ShardIndex {
 public:
  struct Options {
    std::string shard;
    rpc::ChannelOptions channel;
    IndexStore* store = nullptr;
    index::WorkspaceIndex* index = nullptr;
    rpc::BackOff::Options back_off;
    std::function<void()> on_change;
  };
  ShardIndex(Loop& loop, Options options);

  // From the store, into the index.
  absl::Status Load();
  void Start() { follower_.Start(); }
  Task<void> Stop() { return follower_.Stop(); }

  bool complete() const { return complete_; }
  bool connected() const { return connected_; }
  // Complete, or not reached at the last attempt: nothing more is to be waited for.
  bool settled() const { return complete_ || tried_; }

 private:
  using Follower = rpc::StreamFollower<index::v1::WatchRequest, index::v1::Batch>;
  Follower::Options FollowerOptions();
  Task<absl::Status> Apply(index::v1::Batch batch);
  void ApplyToIndex(const index::v1::Change& change);

  const Options options_;
  const std::unique_ptr<index::v1::WorkspaceIndex::Stub> stub_;
  ShardPosition position_;  // revision 0: none
  bool resetting_ = false;  // the shard tells its state anew; routing goes on by the old part, too
  std::atomic<bool> complete_{false}, connected_{false}, tried_{false};
  Follower follower_;
};

}  // namespace atoll::front_proxy
