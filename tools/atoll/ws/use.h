// `ws use`, `ws current` and what they print. spec/tenancy.md 7.1-7.3.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "tools/atoll/ws/session.h"

namespace atoll::cli {

// Makes `argument` (any form, see Target) the current workspace and prints it; `.` only prints.
absl::Status Use(Session& session, std::string_view argument, bool print_short);

enum class Output { kText, kJson };
absl::Status PrintCurrent(Session& session, bool print_short, Output output);

// `Current workspace is ...`; `type` is "" when it is not known.
std::string CurrentText(std::string_view server, std::string_view type, bool print_short);

// Points the current context to `server` in place, keeping the one before as the previous.
absl::Status SwitchTo(Kubeconfig& kubeconfig, std::string_view server);
// Exchanges current and previous; returns the URL that is current then.
absl::StatusOr<std::string> SwapWithPrevious(Kubeconfig& kubeconfig);

}  // namespace atoll::cli
