// JSON patch (RFC 6902) and JSON merge patch (RFC 7386) on a Value, in place.
#pragma once

#include "absl/status/status.h"
#include "common/json/value.h"

namespace atoll::json {

// Applies the operations in order. As in Kubernetes' library, negative array indexes count
// from the end, and a member that is not there can be replaced.
//
// Bounds: values copied by `copy` may add up to 3 MiB; the result is at most 512 deep. How many operations are
// acceptable is the caller's. Errors, after any of which *document is unspecified:
//   InvalidArgument     the patch is no list of operations; the message is what Kubernetes' decoder says
//   FailedPrecondition  an operation cannot be applied: its path is missing, a test failed, a bound is reached
absl::Status ApplyJsonPatch(const Value& patch, Value* document);

// Members of the patch replace or merge into those of the document; null removes. Cannot fail: anything but an object
// replaces. Beyond the RFC, and as Kubernetes' library: objects in a list that is set lose their null members.
void ApplyMergePatch(const Value& patch, Value* document);

}  // namespace atoll::json
