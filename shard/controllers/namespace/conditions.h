// The five conditions of a namespace that is being deleted (spec/api-machinery.md 10.1), without I/O.
#pragma once

#include "absl/time/time.h"
#include "common/json/value.h"
#include "shard/tenancy/content.h"

namespace atoll::controllers {

// Writes status.conditions for what a pass left behind. True when anything changed.
bool SetDeletionConditions(json::Value* ns, const tenancy::Remaining& remaining, absl::Time now);

}  // namespace atoll::controllers
