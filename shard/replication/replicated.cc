#include "shard/replication/replicated.h"

#include <algorithm>

namespace atoll::replication {

const std::vector<api::GroupResource>& CatalogResources() {
  static const std::vector<api::GroupResource> resources = {
      {"tenancy.kcp.io", "workspacetypes"},
      {"tenancy.kcp.io", "workspaceauthenticationconfigurations"},
      {"core.kcp.io", "shards"},
      {"apis.kcp.io", "apiexports"},
      {"apis.kcp.io", "apiresourceschemas"},
  };
  return resources;
}

const std::vector<api::GroupResource>& MarkedResources() {
  static const std::vector<api::GroupResource> resources = {
      {"rbac.authorization.k8s.io", "clusterroles"},
      {"rbac.authorization.k8s.io", "clusterrolebindings"},
      {"core.kcp.io", "logicalclusters"},
  };
  return resources;
}

bool IsMarkedResource(const api::GroupResource& resource) {
  const auto& marked = MarkedResources();
  return std::find(marked.begin(), marked.end(), resource) != marked.end();
}

}  // namespace atoll::replication
