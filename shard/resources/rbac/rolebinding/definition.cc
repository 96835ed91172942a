// Gives the permissions of a role to users, groups and service accounts in one namespace.
#include <utility>

#include "shard/resources/all.h"
#include "shard/resources/build.h"
#include "shard/resources/rbac/bindings.h"

namespace atoll::resources {

DefinitionPtr RoleBindingResource() {
  registry::ResourceDefinition d =
      Typed({"rbac.authorization.k8s.io", "v1", "rolebindings"}, "RoleBinding", registry::Scope::kNamespaced);
  d.columns = BindingColumns();
  d.create_on_update = true;
  d.strategy = std::make_shared<BindingStrategy>(/*namespaced=*/true);
  d.storage_version_hash = "MzIGXqlinao=";
  return Done(std::move(d));
}

}  // namespace atoll::resources
