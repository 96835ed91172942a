// Shell completion: workspace paths, and the scripts that ask for them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "tools/atoll/ws/session.h"

namespace atoll::cli {

// The ways to go on from `partial` (`:root:a`, `tea`, `..:b`): child workspaces whose name fits what follows its last
// colon, as arguments for `ws`. A name fits when it holds the letters in their order; names that begin with them come
// first. Empty when the server cannot be asked: completion stays silent.
std::vector<std::string> CompletePath(Session& session, std::string_view partial);

// `names` that fit `typed`, best first: beginning with it, holding it, holding its letters in order. Case does not
// matter.
std::vector<std::string> FuzzyMatches(std::vector<std::string> names, std::string_view typed);

// The script for `bash`, `zsh` or `fish`, which calls `atoll __complete`. Errors: InvalidArgument for other shells.
absl::StatusOr<std::string> CompletionScript(std::string_view shell);

}  // namespace atoll::cli
