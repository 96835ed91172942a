// An identity for processes. Its tokens are answered by a connector.
#include <utility>

#include "shard/resources/all.h"
#include "shard/resources/build.h"
#include "shard/resources/columns.h"
#include "shard/resources/core/serviceaccount/strategy.h"
#include "shard/resources/schemas.h"

namespace atoll::resources {

DefinitionPtr ServiceAccountResource() {
  registry::ResourceDefinition d = Typed({"", "v1", "serviceaccounts"}, "ServiceAccount", registry::Scope::kNamespaced);
  const api::Gvk token{"authentication.k8s.io", "v1", "TokenRequest"};
  d.short_names = {"sa"};
  d.subresources = {{.name = "token", .verbs = {"create"}, .kind = token, .schema = SchemaOf(token)}};
  d.columns = {Age()};
  d.returns_deleted_object = true;
  d.strategy = std::make_shared<ServiceAccountStrategy>();
  d.storage_version_hash = "4Bd9hRsOD00=";
  return Done(std::move(d));
}

}  // namespace atoll::resources
