// What list, watch, delete and write options may say: 422 of `ListOptions.meta.k8s.io` and its siblings
// (spec/api-machinery.md 3.1, 3.5, 3.6, 4.3).
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "common/api/errors.h"
#include "common/store/types.h"
#include "shard/registry/request.h"

namespace atoll::registry {

absl::Status ValidateListOptions(const ListOptions& options);
absl::Status ValidateWatchOptions(const ListOptions& options);
absl::Status ValidateDeleteOptions(const DeleteOptions& options);
// Reports a policy that there is not, the empty one included.
void CheckPropagationPolicy(std::string_view policy, api::FieldErrors* errors);
// Kubernetes sends initial events by itself to watches without a position (feature WatchList).
void DefaultWatchOptions(ListOptions* options);

// `strconv.ParseUint: parsing "x": invalid syntax`, as Go says it.
std::string GoParseUintError(std::string_view text);
// 0 for "". Errors: InvalidArgument with `resourceVersion: Invalid value: "x": strconv.ParseUint: ...`; callers make it
// a 400 or a raw 500.
absl::StatusOr<store::Revision> ParseResourceVersion(std::string_view text);

}  // namespace atoll::registry
