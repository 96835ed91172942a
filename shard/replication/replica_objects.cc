#include "shard/replication/replica_objects.h"

#include <algorithm>
#include <utility>

#include "common/base/strings.h"
#include "shard/replication/replicated.h"

namespace atoll::replication {
namespace {

constexpr std::string_view kRbacGroup = "rbac.authorization.k8s.io";

bool IsCatalogResource(const api::GroupResource& resource) {
  const auto& all = CatalogResources();
  return std::find(all.begin(), all.end(), resource) != all.end();
}

// Newlines are in none of the parts.
std::string Identity(const ReplicaKey& key) {
  return StrCat(key.resource.ToString(), "\n", key.cluster.name(), "\n", key.ns, "\n", key.name);
}

}  // namespace

void ReplicaObjects::Put(const ReplicaKey& key, json::Value object) {
  absl::MutexLock lock(&mutex_);
  origins_[Identity(key)] = key.origin;
  if (key.resource.group == kRbacGroup) {
    Rbac& rbac = rbac_[key.cluster];
    rbac.built.reset();
    (key.resource.resource == "clusterroles" ? rbac.cluster_roles : rbac.cluster_role_bindings)[key.name] =
        std::move(object);
  } else if (IsCatalogResource(key.resource)) {
    catalog_->Put(key.resource, key.cluster, object);
  }
}

void ReplicaObjects::Erase(const ReplicaKey& key) {
  absl::MutexLock lock(&mutex_);
  auto origin = origins_.find(Identity(key));
  if (origin == origins_.end() || origin->second != key.origin) return;
  origins_.erase(origin);
  if (key.resource.group == kRbacGroup) {
    auto rbac = rbac_.find(key.cluster);
    if (rbac == rbac_.end()) return;
    rbac->second.built.reset();
    (key.resource.resource == "clusterroles" ? rbac->second.cluster_roles : rbac->second.cluster_role_bindings)
        .erase(key.name);
    if (rbac->second.cluster_roles.empty() && rbac->second.cluster_role_bindings.empty()) rbac_.erase(rbac);
  } else if (IsCatalogResource(key.resource)) {
    catalog_->Erase(key.resource, key.cluster, key.name);
  }
}

std::shared_ptr<const authorization::RbacObjects> ReplicaObjects::Objects(const LogicalClusterId& cluster) const {
  absl::MutexLock lock(&mutex_);
  auto it = rbac_.find(cluster);
  if (it == rbac_.end()) return nullptr;
  if (it->second.built == nullptr) {
    auto built = std::make_shared<authorization::RbacObjects>();
    for (const auto& [name, object] : it->second.cluster_roles) built->cluster_roles.push_back(object);
    for (const auto& [name, object] : it->second.cluster_role_bindings) built->cluster_role_bindings.push_back(object);
    it->second.built = std::move(built);
  }
  return it->second.built;
}

}  // namespace atoll::replication
