#include "shard/resources/build.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "shard/resources/custom_strategy.h"
#include "shard/resources/schemas.h"

namespace atoll::resources {

registry::ResourceDefinition Typed(api::Gvr gvr, std::string kind, registry::Scope scope) {
  registry::ResourceDefinition d;
  d.schema = SchemaOf({gvr.group, gvr.version, kind});
  d.gvr = std::move(gvr);
  d.list_kind = kind + "List";
  d.singular = absl::AsciiStrToLower(kind);
  d.kind = std::move(kind);
  d.scope = scope;
  d.verbs = {"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"};
  d.qualified_finalizers = true;
  d.strategy = std::make_shared<registry::Strategy>();
  return d;
}

registry::ResourceDefinition Custom(api::Gvr gvr, std::string kind, bool has_status) {
  registry::ResourceDefinition d = Typed(std::move(gvr), std::move(kind), registry::Scope::kCluster);
  d.flavor = registry::Flavor::kCustom;
  d.qualified_finalizers = false;
  d.categories = {"kcp"};
  d.verbs = {"delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"};
  d.unconditional_update = false;
  d.has_generation = true;
  if (has_status) d.subresources = {StatusSubresource()};
  d.strategy = std::make_shared<CustomStrategy>(d.schema, CustomStrategy::Options{.has_status = has_status});
  return d;
}

registry::ResourceDefinition Review(api::Gvr gvr, std::string kind, registry::Scope scope) {
  registry::ResourceDefinition d = Typed(std::move(gvr), std::move(kind), scope);
  d.verbs = {"create"};
  d.storable = false;
  return d;
}

registry::Subresource StatusSubresource() {
  return {.name = "status", .verbs = {"get", "patch", "update"}, .kind = {}};
}

DefinitionPtr Done(registry::ResourceDefinition definition) {
  return std::make_shared<const registry::ResourceDefinition>(std::move(definition));
}

}  // namespace atoll::resources
