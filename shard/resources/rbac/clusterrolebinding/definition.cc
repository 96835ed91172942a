// Gives the permissions of a role to users, groups and service accounts.
#include <utility>

#include "shard/resources/all.h"
#include "shard/resources/build.h"
#include "shard/resources/rbac/bindings.h"

namespace atoll::resources {

DefinitionPtr ClusterRoleBindingResource() {
  registry::ResourceDefinition d = Typed({"rbac.authorization.k8s.io", "v1", "clusterrolebindings"},
                                         "ClusterRoleBinding", registry::Scope::kCluster);
  d.columns = BindingColumns();
  d.create_on_update = true;
  d.strategy = std::make_shared<BindingStrategy>(/*namespaced=*/false);
  d.storage_version_hash = "vKcsN72GNlU=";
  return Done(std::move(d));
}

}  // namespace atoll::resources
