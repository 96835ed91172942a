// Strategic merge patch for compiled-in types (spec/api-machinery.md 5.4): maps merge, null deletes, lists are replaced
// unless the schema says that they merge, by key or as sets of values. Directives: $patch (replace, delete),
// $retainKeys, $deleteFromPrimitiveList/<list>, $setElementOrder/<list>. What Kubernetes' library does with each is
// kept to the letter, because kubectl computes its patches for it; e2e/judge compares the two.
#pragma once

#include "absl/status/status.h"
#include "common/json/value.h"
#include "shard/registry/definition.h"

namespace atoll::registry {

// Errors: BadRequest for a patch that is no object and for malformed $retainKeys, PatchRejected() for lists of lists, a
// plain 500 for whatever else Kubernetes has no code for: an element without its key, an unknown directive, an order
// that the patch does not follow. Recursion is as deep as the patch.
absl::Status ApplyStrategicMergePatch(const ResourceDefinition& definition, json::Value patch, json::Value* object);

}  // namespace atoll::registry
