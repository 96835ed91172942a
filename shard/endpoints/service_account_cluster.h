// In-cluster clients know nothing of logical clusters: they have a service account's token and call the server's root.
// Their requests are rewritten to the cluster that the token names (spec/tenancy.md 1.10). The token is not verified
// here; authentication does that next, in the cluster it claims to be for. Pure.
#pragma once

#include <string>

#include "common/http/message.h"

namespace atoll::endpoints {

// The request's target, with `/clusters/<name>` before it when the rule applies.
std::string TargetWithServiceAccountCluster(const http::Request& request);

}  // namespace atoll::endpoints
