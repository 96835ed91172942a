// What most definitions have in common, so that a definition.cc says only what is special about its resource.
#pragma once

#include <memory>
#include <string>

#include "shard/registry/definition.h"

namespace atoll::resources {

using DefinitionPtr = std::shared_ptr<const registry::ResourceDefinition>;

// A compiled-in Kubernetes type: all verbs in discovery's order, its schema, no strategy.
registry::ResourceDefinition Typed(api::Gvr gvr, std::string kind, registry::Scope scope);
// A resource that kcp serves from a CustomResourceDefinition: cluster scoped, category kcp, generation kept, updates
// need a resourceVersion. The strategy validates by schema and, with `has_status`, keeps spec and status apart.
registry::ResourceDefinition Custom(api::Gvr gvr, std::string kind, bool has_status);
// A review: created, answered, forgotten.
registry::ResourceDefinition Review(api::Gvr gvr, std::string kind, registry::Scope scope);

registry::Subresource StatusSubresource();
DefinitionPtr Done(registry::ResourceDefinition definition);

}  // namespace atoll::resources
