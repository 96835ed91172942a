// Defines a resource of the logical cluster itself; what is made of it is in shard/dynamic.
#include <utility>

#include "shard/resources/all.h"
#include "shard/resources/apiextensions/customresourcedefinition/strategy.h"
#include "shard/resources/build.h"
#include "shard/resources/columns.h"

namespace atoll::resources {

DefinitionPtr CustomResourceDefinitionResource() {
  registry::ResourceDefinition d = Typed({"apiextensions.k8s.io", "v1", "customresourcedefinitions"},
                                         "CustomResourceDefinition", registry::Scope::kCluster);
  d.short_names = {"crd", "crds"};
  d.categories = {"api-extensions"};
  d.subresources = {StatusSubresource()};
  d.qualified_finalizers = false;  // its own cleanup finalizer names no domain
  d.unconditional_update = false;
  d.has_generation = true;
  d.columns = {CreatedAt()};
  d.strategy = std::make_shared<CustomResourceDefinitionStrategy>();
  d.storage_version_hash = "E7AaFfG1bHc=";
  return Done(std::move(d));
}

}  // namespace atoll::resources
