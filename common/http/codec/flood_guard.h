// Budgets for what a peer can send for almost nothing and we must work for: control frames and resets (CVE-2019-9512
// and kin, CVE-2023-44487). Time is passed in. A connection that overdraws is told ENHANCE_YOUR_CALM and closed.
#pragma once

#include <algorithm>

#include "absl/time/time.h"

namespace atoll::http {

// Refills evenly up to `burst`.
class TokenBucket {
 public:
  TokenBucket(double per_second, double burst) : per_second_(per_second), burst_(burst), tokens_(burst) {}
  bool Take(absl::Duration now) {
    tokens_ =
        std::min(burst_, tokens_ + per_second_ * absl::ToDoubleSeconds(std::max(now - last_, absl::ZeroDuration())));
    last_ = now;
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
  }

 private:
  double per_second_, burst_, tokens_;
  absl::Duration last_;
};

struct FloodGuard {
  // PING, SETTINGS, PRIORITY, DATA without bytes. Real clients send a few a second. (Unknown types are skipped and cost
  // nothing.)
  TokenBucket control{200, 1000};
  // RST_STREAM, in either direction. An informer that stops resets its watches at once, hence the burst.
  TokenBucket resets{100, 1000};
};

}  // namespace atoll::http
