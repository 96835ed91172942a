// Fleet: this shard's ties to the others: its gRPC services, its publisher and its replica. A shard that stands alone
// has none of them, and everything here does nothing then.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "common/auth/authn/service_account/service_account.h"
#include "common/client/api_client.h"
#include "common/json/value.h"
#include "common/loop/loop.h"
#include "common/loop/sync.h"
#include "common/store/store.h"
#include "shard/authorization/chain.h"
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
    client::ApiClient* client;
  };
  // Reads the certificates that the options name. Blocking; the loop runs already.
  static absl::StatusOr<std::unique_ptr<Fleet>> Create(Parts parts);
  ~Fleet();

  // RBAC of other shards' clusters; null without a cache-server.
  const authorization::ReplicaSource* replicas() const;
  std::unique_ptr<tenancy::ClusterAdmins> NewClusterAdmins(tenancy::ClusterAdmin* local) const;
  // Where tokens for accounts of this shard's clusters and of others' are checked.
  struct ServiceAccounts {
    auth::ServiceAccountLookup* local;
    std::function<bool(const LogicalClusterId&)> is_local;
  };
  std::unique_ptr<auth::ServiceAccountLookup> NewServiceAccounts(ServiceAccounts accounts) const;
  // Serves gRPC, when the options ask for it. Blocking.
  absl::Status Listen(tenancy::ClusterAdmin* local, ServiceAccounts accounts);
  // Loads the replica from disk, publishes and follows. A shard other than the root one waits here until it knows
  // root's types, and registers `shard_object` with the root shard. On the loop.
  Task<absl::Status> Start(json::Value shard_object);
  Task<void> Stop();
  // Ends the gRPC server. Blocking, not from the loop.
  void StopServing();

  int rpc_port() const;
  std::string rpc_address() const;  // "" when there is none

 private:
  struct Impl;
  explicit Fleet(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace atoll::shard
