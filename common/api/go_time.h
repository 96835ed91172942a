// Times as Go's time.Parse reads them, with its words for what it cannot read: API objects hold them, and users see the
// words. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace atoll::api {

enum class TimeLayout : uint8_t {
  kSeconds,  // metav1.Time: RFC 3339; a fraction is read and, when the time is written, dropped
  kMicros    // metav1.MicroTime: RFC 3339 with exactly six digits
};

// Errors: InvalidArgument: `parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"`.
absl::StatusOr<absl::Time> ParseGoTime(std::string_view text, TimeLayout layout);

}  // namespace atoll::api
