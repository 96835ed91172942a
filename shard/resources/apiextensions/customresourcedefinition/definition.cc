// Defines a resource of the logical cluster itself. Described and listed; not yet served.
#include <utility>

#include "shard/resources/all.h"
#include "shard/resources/build.h"
#include "shard/resources/columns.h"
#include "shard/resources/refused_strategy.h"

namespace atoll::resources {

DefinitionPtr CustomResourceDefinitionResource() {
  registry::ResourceDefinition d = Typed({"apiextensions.k8s.io", "v1", "customresourcedefinitions"},
                                         "CustomResourceDefinition", registry::Scope::kCluster);
  d.short_names = {"crd", "crds"};
  d.categories = {"api-extensions"};
  d.subresources = {StatusSubresource()};
  d.unconditional_update = false;
  d.has_generation = true;
  d.columns = {CreatedAt()};
  d.strategy = std::make_shared<RefusedStrategy>("spec", "custom resources are not served by this version");
  d.storage_version_hash = "E7AaFfG1bHc=";
  return Done(std::move(d));
}

}  // namespace atoll::resources
