// ClusterAdmin: creating, deleting and looking at logical clusters on any shard of the fleet. The workspace
// controller's only way to other shards.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/client/api_client.h"
#include "common/json/value.h"
#include "common/loop/task.h"
#include "common/path/path.h"
#include "common/store/store.h"
#include "shard/registry/clusters.h"
#include "shard/tenancy/new_cluster.h"

namespace atoll::tenancy {

struct Deletion {
  bool gone = false;
  json::Value logical_cluster;  // while it is not gone
};

class ClusterAdmin {
 public:
  virtual ~ClusterAdmin() = default;
  // Idempotent. Errors: AlreadyExists (the id belongs to another owner: draw a new one), FailedPrecondition (the shard
  // does not know the type yet: retry), Unavailable.
  virtual Task<absl::StatusOr<json::Value>> Create(LogicalClusterId cluster, json::Value logical_cluster) = 0;
  // Marks the cluster as deleting and waits up to `wait` for it to be gone. `owner_uid` protects a cluster that
  // somebody else owns.
  virtual Task<absl::StatusOr<Deletion>> Delete(LogicalClusterId cluster, std::string owner_uid,
                                                absl::Duration wait) = 0;
  // Errors: NotFound.
  virtual Task<absl::StatusOr<json::Value>> Get(LogicalClusterId cluster) = 0;
};

// The clusters of this shard. Any loop.
class LocalClusterAdmin final : public ClusterAdmin {
 public:
  struct Options {
    store::Store* store;
    client::ApiClient* client;  // as the process itself
    registry::Clusters* clusters;
    const Catalog* catalog;
    DefinitionLookup definitions;
    NewClusterOptions new_cluster;
    const Clock* clock;
    Random* random;
  };
  explicit LocalClusterAdmin(Options options) : options_(std::move(options)) {}
  Task<absl::StatusOr<json::Value>> Create(LogicalClusterId cluster, json::Value logical_cluster) override;
  Task<absl::StatusOr<Deletion>> Delete(LogicalClusterId cluster, std::string owner_uid, absl::Duration wait) override;
  Task<absl::StatusOr<json::Value>> Get(LogicalClusterId cluster) override;

 private:
  Options options_;
};

// By shard name: this shard's own, or another's over ShardAdmin (proto/admin). Null for a shard nobody knows an address
// of.
class ClusterAdmins {
 public:
  virtual ~ClusterAdmins() = default;
  virtual ClusterAdmin* ForShard(std::string_view shard) = 0;
};

}  // namespace atoll::tenancy
