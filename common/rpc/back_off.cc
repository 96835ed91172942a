#include "common/rpc/back_off.h"

#include <algorithm>

namespace atoll::rpc {

absl::Duration BackOff::Next(Random& random) {
  absl::Duration d = std::min(next_, options_.max);
  next_ = std::min(next_ * options_.factor, options_.max);
  constexpr uint64_t kSteps = 1000;
  return d / 2 + d / 2 * (static_cast<double>(random.Below(kSteps + 1)) / kSteps);
}

}  // namespace atoll::rpc
