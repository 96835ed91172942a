// Permissions in the whole logical cluster, or to be bound in any of its namespaces.
#include <utility>

#include "shard/resources/all.h"
#include "shard/resources/build.h"
#include "shard/resources/columns.h"
#include "shard/resources/rbac/rules.h"

namespace atoll::resources {

DefinitionPtr ClusterRoleResource() {
  registry::ResourceDefinition d =
      Typed({"rbac.authorization.k8s.io", "v1", "clusterroles"}, "ClusterRole", registry::Scope::kCluster);
  d.columns = {CreatedAt()};
  d.create_on_update = true;
  d.strategy = std::make_shared<RoleStrategy>(/*namespaced=*/false);
  d.storage_version_hash = "EaTVTweV/FA=";
  return Done(std::move(d));
}

}  // namespace atoll::resources
