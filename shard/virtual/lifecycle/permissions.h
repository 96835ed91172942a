// Rules that a WorkspaceType declares for who initializes or terminates its workspaces (spec/tenancy.md 2.8). Pure.
#pragma once

#include <string>
#include <vector>

#include "shard/authorization/authorizer.h"

namespace atoll::virtual_workspaces {

// Why no rule allows the request: `no rule allows get on core/secrets (a) in namespace x`; "" when one does.
std::string WhyDenied(const std::vector<authorization::PolicyRule>& rules, const authorization::Attributes& request);

}  // namespace atoll::virtual_workspaces
