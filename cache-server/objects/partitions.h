// Partitions: what each shard has published, on a revisioned store.
//
//   "objects" \0 shard \0 resource.group \0 cluster \0 namespace \0 name \0   -> the Object message, serialized
//   "positions" \0 shard \0                                                  -> id of the shard's store, a space, its
//   revision
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/feed/feed.h"
#include "common/loop/sync.h"
#include "common/loop/task.h"
#include "common/store/store.h"

namespace atoll::replication::v1 {
class PublishBatch;
class Object;
}  // namespace atoll::replication::v1

namespace atoll::cache_server {

// The scope of all objects of all shards.
std::string ObjectsScope();
// The scope of one shard's.
std::string PartitionScope(std::string_view shard);

// One shard's part, while that shard publishes. Loop-owned; the newest one of a shard wins (service/).
class Partition {
 public:
  Partition(store::Store* store, BlockingPool* pool, std::string shard)
      : store_(store), pool_(pool), shard_(std::move(shard)) {}

  // How far the partition is complete; nullopt when it is not.
  Task<absl::StatusOr<std::optional<feed::Position>>> Position();
  // Durable when it resumes. Errors: those of Store::Commit; InvalidArgument (a name that cannot be one, another
  // shard's object).
  Task<absl::Status> Apply(replication::v1::PublishBatch batch);

 private:
  Task<absl::StatusOr<store::Transaction>> ObjectOps(replication::v1::PublishBatch& batch);
  Task<absl::Status> DeleteUnseen();

  store::Store* const store_;
  BlockingPool* const pool_;
  const std::string shard_;
  bool resetting_ = false;
  std::set<std::string> seen_;  // keys that the reset brought; bounded by the partition
};

// Objects a shard, for metrics. Blocking: reads all keys.
std::map<std::string, size_t> CountObjects(store::Store& store);

}  // namespace atoll::cache_server
