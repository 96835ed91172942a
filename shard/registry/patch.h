// JSON patch (RFC 6902) and merge patch (RFC 7386) of common/json, with Kubernetes' answers
// (spec/api-machinery.md 5.2, 5.3).
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/json/value.h"

namespace atoll::registry {

// Errors: BadRequest for a malformed patch, RequestEntityTooLarge beyond 10,000 operations, an Invalid that names
// nothing when an operation fails (a test, a missing path) or copies add up to more than 3 MiB, an Invalid of the patch
// when the result is no object.
absl::Status ApplyJsonPatch(const json::Value& patch, json::Value* document);
// What operations say beyond op, path, from and value: `json patch unknown field "[0].x"`, as field validation names
// it.
std::vector<std::string> UnknownOperationMembers(const json::Value& patch);
// Errors: BadRequest when the patch is no object.
absl::Status ApplyMergePatch(const json::Value& patch, json::Value* document);

// `the server rejected our request due to an error in our request`: what Kubernetes answers to a patch that cannot be
// applied.
absl::Status PatchRejected();

}  // namespace atoll::registry
