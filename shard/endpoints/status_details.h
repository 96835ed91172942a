// Small changes to a Status that Kubernetes' own constructors do not know.
#pragma once

#include <string_view>

#include "absl/status/status.h"

namespace atoll::endpoints {

// The same with `details: {}`, as answers of the reference's router have it.
absl::Status WithEmptyDetails(const absl::Status& status);
// The same with `suffix` after its message.
absl::Status WithMessageSuffix(const absl::Status& status, std::string_view suffix);

}  // namespace atoll::endpoints
