// RbacEscalation: refuses roles and bindings that grant more than who writes them holds
// (shard/authorization/escalation.h).
//
// Kubernetes checks this in the storage of the four resources, after mutating and before validating admission; as a
// validating plugin it sees the same object. First in the validating chain, so that nothing else tells what a refused
// user may not know.
#pragma once

#include <memory>

#include "shard/admission/plugin.h"
#include "shard/authorization/escalation.h"

namespace atoll::admission {

std::unique_ptr<Plugin> NewRbacEscalation(authorization::EscalationCheck check);

}  // namespace atoll::admission
