#include "shard/endpoints/limits.h"

#include <cmath>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "common/base/strings.h"

namespace atoll::endpoints {
namespace {

constexpr double kGoawayChanceMax = 0.02;

absl::Status NotNegative(std::string_view flag, bool negative) {
  return negative ? absl::InvalidArgumentError(StrCat(flag, " can not be negative value")) : absl::OkStatus();
}

absl::Status CheckStrictTransport(const std::vector<std::string>& directives) {
  for (const std::string& d : directives) {
    int seconds = 0;
    const bool max_age = absl::StartsWith(d, "max-age=") && absl::SimpleAtoi(absl::string_view(d).substr(8), &seconds);
    if ((max_age && seconds >= 0) || d == "includeSubDomains" || d == "preload") continue;
    return absl::InvalidArgumentError(
        StrCat("--strict-transport-security-directives invalid, allowed values: "
               "max-age=expireTime, includeSubDomains, preload. See RFC 6797; got ",
               d));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Limits::Validate() const {
  absl::Status valid = NotNegative("--max-requests-inflight", max_requests_inflight < 0);
  valid.Update(NotNegative("--max-mutating-requests-inflight", max_mutating_requests_inflight < 0));
  valid.Update(NotNegative("--shutdown-delay-duration", shutdown_delay < absl::ZeroDuration()));
  if (request_timeout <= absl::ZeroDuration())
    valid.Update(absl::InvalidArgumentError("--request-timeout must be positive"));
  if (min_request_timeout < absl::Seconds(1))
    valid.Update(absl::InvalidArgumentError("--min-request-timeout must be a second or more"));
  if (!(goaway_chance >= 0 && goaway_chance <= kGoawayChanceMax))
    valid.Update(absl::InvalidArgumentError("--goaway-chance can not be less than 0 or greater than 0.02"));
  valid.Update(CheckStrictTransport(strict_transport_security));
  return valid;
}

}  // namespace atoll::endpoints
