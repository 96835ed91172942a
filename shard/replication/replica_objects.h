// ReplicaObjects: what a replica keeps in memory: nothing but the RBAC objects, by cluster, and the Catalog's entries'
// origins. Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "common/api/gvr.h"
#include "common/json/value.h"
#include "common/path/path.h"
#include "shard/authorization/policy.h"
#include "shard/tenancy/catalog.h"

namespace atoll::replication {

struct ReplicaKey {
  std::string origin;  // shard
  api::GroupResource resource;
  LogicalClusterId cluster;
  std::string ns, name;
};

class ReplicaObjects {
 public:
  explicit ReplicaObjects(tenancy::Catalog* catalog) : catalog_(catalog) {}

  void Put(const ReplicaKey& key, json::Value object);
  // An object that another shard has published since is left alone: its cluster has moved.
  void Erase(const ReplicaKey& key);
  // The same pointer until something of the cluster changes; null when there is nothing.
  std::shared_ptr<const authorization::RbacObjects> Objects(const LogicalClusterId& cluster) const;

 private:
  struct Rbac {
    std::map<std::string, json::Value, std::less<>> cluster_roles, cluster_role_bindings;
    std::shared_ptr<const authorization::RbacObjects> built;
  };

  tenancy::Catalog* const catalog_;
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<std::string, std::string> origins_
      ABSL_GUARDED_BY(mutex_);  // of each object, by its key without the origin
  mutable absl::flat_hash_map<LogicalClusterId, Rbac> rbac_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace atoll::replication
