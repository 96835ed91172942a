// Warnings about permission claims that the APIBindings of a workspace leave open. spec/tenancy.md 7.1.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "common/json/value.h"
#include "tools/atoll/ws/session.h"

namespace atoll::cli {

// Prints to stderr. What the user may not see, or the workspace does not have, is no error.
absl::Status WarnOfOpenClaims(Session& session, Client& client, std::string_view path);

// The warnings for one APIBinding, each line with its end.
std::string OpenClaims(const json::Value& binding);

}  // namespace atoll::cli
