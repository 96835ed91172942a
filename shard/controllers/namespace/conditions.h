// The five conditions of a namespace that is being deleted (spec/api-machinery.md 10.1), without I/O.
#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/json/value.h"
#include "shard/tenancy/content.h"

namespace atoll::controllers {

// Writes status.conditions for what a pass left behind; `failure`: what kept it from deleting. Nothing can go wrong
// with discovery or with group versions here. True when anything changed.
bool SetDeletionConditions(json::Value* ns, const tenancy::Remaining& remaining, const absl::Status& failure,
                           absl::Time now);

// How long to wait before a namespace is looked at again that content holds: the longer it is held, the longer.
absl::Duration LookAgainAfter(absl::Duration held);

}  // namespace atoll::controllers
