// Limits: what the flags say of how much is served at once, for how long, and how connections end
// (spec/api-machinery.md 12). A value.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace atoll::endpoints {

struct Limits {
  int max_requests_inflight = 400;  // reading; 0: no bound
  int max_mutating_requests_inflight = 200;
  absl::Duration request_timeout = absl::Seconds(60);      // of requests that are not watches
  absl::Duration min_request_timeout = absl::Minutes(30);  // of watches that name none: drawn from [1, 2) of it
  double goaway_chance = 0;                                // of an HTTP/2 request to end its connection
  absl::Duration shutdown_delay = absl::ZeroDuration();    // serving on, not ready, before connections end
  std::vector<std::string> strict_transport_security;      // directives (RFC 6797); empty: no header

  // Errors name the flag.
  absl::Status Validate() const;
};

}  // namespace atoll::endpoints
