// Durations as Go writes and kubectl shows them.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace atoll::api {

// Go's time.ParseDuration: "1h30m", "-1.5s", "0". Errors: InvalidArgument with Go's words (`time: invalid duration
// "x"`).
absl::StatusOr<absl::Duration> ParseGoDuration(std::string_view s);

// kubectl's age: "59s", "5d3h", "<invalid>" for the future (spec/api-machinery.md 6.2).
std::string HumanDuration(absl::Duration d);
// The age of an RFC 3339 time: "<unknown>" when empty, "<invalid>" when unreadable.
std::string HumanAge(std::string_view created, absl::Time now);

}  // namespace atoll::api
