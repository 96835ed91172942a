// What authorization is asked about a call.
#pragma once

#include "shard/authorization/authorizer.h"
#include "shard/endpoints/call.h"

namespace atoll::endpoints {

// Refers to `call`'s user. REQUIRES: call.info, user and cluster are set.
authorization::Attributes AttributesOf(const Call& call);

}  // namespace atoll::endpoints
