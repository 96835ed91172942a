// Exponential back-off with jitter: the n-th wait is drawn from [d/2, d], d = min(initial * factor^n, max). A value,
// without a clock.
#pragma once

#include "absl/time/time.h"
#include "common/base/random.h"

namespace atoll::rpc {

class BackOff {
 public:
  struct Options {
    absl::Duration initial = absl::Milliseconds(100);
    absl::Duration max = absl::Seconds(10);
    double factor = 2;
  };
  explicit BackOff(Options options) : options_(options), next_(options.initial) {}
  absl::Duration Next(Random& random);
  void Reset() { next_ = options_.initial; }

 private:
  Options options_;
  absl::Duration next_;
};

}  // namespace atoll::rpc
