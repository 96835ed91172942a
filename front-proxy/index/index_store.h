// IndexStore: the announced entries of each shard on disk, with the position they lead to.
//
//   objects: shard \0 "c" cluster \0            -> Change message        shard \0 "w" parent cluster \0 name \0 ->
//   Change message meta:    "position" \0 shard                -> id of the shard's store, a space, its revision
//            "shard" \0 name                    -> base URL, newline, rpc address
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/store/kv/engine.h"

namespace atoll::index::v1 {
class Batch;
class Change;
}  // namespace atoll::index::v1

namespace atoll::front_proxy {

struct ShardAddress {
  std::string base_url;     // https://host:port
  std::string rpc_address;  // host:port
  friend bool operator==(const ShardAddress&, const ShardAddress&) = default;
};

struct ShardPosition {
  std::string store_id;
  uint64_t revision = 0;
};

// Thread-compatible: called on one loop. Writes go to the log without a sync and reads happen at start only, so nothing
// here waits for a disk in the way of requests.
class IndexStore {
 public:
  explicit IndexStore(std::unique_ptr<store::kv::Engine> engine) : engine_(std::move(engine)) {}

  // Every entry of `shard`, in key order. Errors: DataLoss.
  absl::Status Load(std::string_view shard, const std::function<void(const index::v1::Change&)>& visit) const;
  absl::StatusOr<std::optional<ShardPosition>> Position(std::string_view shard) const;
  // A batch as it came: a reset drops the part and its position first; a batch without a revision leaves it out.
  absl::Status Apply(std::string_view shard, const index::v1::Batch& batch);
  absl::Status Drop(std::string_view shard);

  // Shards learned from the cache-server.
  absl::StatusOr<std::map<std::string, ShardAddress>> Shards() const;
  absl::Status PutShard(std::string_view name, const ShardAddress& address);
  absl::Status EraseShard(std::string_view name);

 private:
  std::unique_ptr<store::kv::Engine> engine_;
};

}  // namespace atoll::front_proxy
