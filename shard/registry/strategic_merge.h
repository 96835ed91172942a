// Strategic merge patch for compiled-in types (spec/api-machinery.md 5.4): maps merge, null deletes, lists are replaced
// unless the schema says that they merge, by key or as sets of values. Directives: $patch (merge, replace, delete),
// $retainKeys, $deleteFromPrimitiveList/<list>, $setElementOrder/<list>.
#pragma once

#include "absl/status/status.h"
#include "common/json/value.h"
#include "shard/registry/definition.h"

namespace atoll::registry {

// Errors: BadRequest for malformed directives, PatchRejected() when $retainKeys does not fit, a raw 500 for an element
// without its key.
absl::Status ApplyStrategicMergePatch(const ResourceDefinition& definition, json::Value patch, json::Value* object);

}  // namespace atoll::registry
