// Fleet: this shard's ties to the others: its gRPC services, its publisher and its replica. A shard that stands alone has none of them, and
// everything here does nothing then.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "common/loop/loop.h"
#include "common/loop/sync.h"
#include "common/metrics/metrics.h"
#include "common/store/store.h"
#include "shard/authorization/chain.h"
#include "shard/replication/cluster_admins.h"
#include "shard/server/options.h"
#include "shard/tenancy/catalog.h"
#include "shard/tenancy/cluster_admin.h"

namespace atoll::shard {

class Fleet {
 public:
  struct Parts {
    const Options* options;
    store::Store* store;
    BlockingPool* pool;
    Loop* loop;
    tenancy::Catalog* catalog;
    metrics::Registry* metrics;
  };
  explicit Fleet(Parts parts);
  ~Fleet();

  // RBAC of other shards' clusters; null without a cache-server.
  const authorization::ReplicaSource* replicas() const;
  // From the files that the options name; before anything else.
  absl::Status ReadCertificates();
  std::unique_ptr<tenancy::ClusterAdmins> NewClusterAdmins(tenancy::ClusterAdmin* local) const;
  // Serves gRPC, when the options ask for it. Blocking.
  absl::Status Listen(tenancy::ClusterAdmin* local);
  // Loads the replica from disk, or waits for the cache-server's when there is none; then follows and publishes. On the loop.
  Task<absl::Status> Start();
  Task<void> Stop();
  // Ends the gRPC server. Blocking, not from the loop.
  void StopServing();

  int rpc_port() const;
  std::string rpc_address() const;  // "" when there is none

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace atoll::shard
