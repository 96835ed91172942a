// The phase machine of a logical cluster (spec/tenancy.md 1.5, 2.6), without I/O.
//
//   "" / Scheduling -> Initializing -> Ready <-> Inactive
//   any, with deletionTimestamp -> Terminating (while status.terminators) -> Deleting
#pragma once

#include <string>

#include "absl/time/time.h"
#include "common/json/value.h"
#include "shard/tenancy/content.h"

namespace atoll::controllers {

// Moves status (phase, condition WorkspaceInitialized) as far as it goes now. True when anything changed.
bool NextPhase(json::Value* logical_cluster, absl::Time now);

// `Some resources are remaining: widgets.example.com has 2 resource instances`, with the finalizers that hold them.
std::string RemainingMessage(const tenancy::Remaining& remaining);

}  // namespace atoll::controllers
