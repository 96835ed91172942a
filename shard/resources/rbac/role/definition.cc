// Permissions in one namespace.
#include <utility>

#include "shard/resources/all.h"
#include "shard/resources/build.h"
#include "shard/resources/columns.h"
#include "shard/resources/rbac/rules.h"

namespace atoll::resources {

DefinitionPtr RoleResource() {
  registry::ResourceDefinition d =
      Typed({"rbac.authorization.k8s.io", "v1", "roles"}, "Role", registry::Scope::kNamespaced);
  d.columns = {CreatedAt()};
  d.create_on_update = true;
  d.strategy = std::make_shared<RoleStrategy>(/*namespaced=*/true);
  d.storage_version_hash = "dL2xUOdnrqs=";
  return Done(std::move(d));
}

}  // namespace atoll::resources
