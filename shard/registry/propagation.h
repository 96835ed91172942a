// What a deletion does to metadata.finalizers, so that the garbage collector does the rest (spec/api-machinery.md 3.5,
// 10.2). Pure.
#pragma once

#include <string>
#include <vector>

#include "common/json/value.h"
#include "shard/registry/definition.h"
#include "shard/registry/request.h"

namespace atoll::registry {

// metadata.finalizers after a deletion with these options. An explicit policy decides between `orphan`,
// `foregroundDeletion` and neither; without one, what the object has of them stays. No resource of ours has another
// default than background. Events take no part in garbage collection: they lose both.
std::vector<std::string> FinalizersAfterDelete(const ResourceDefinition& definition, const json::Value& object,
                                               const DeleteOptions& options);

}  // namespace atoll::registry
