// Timers by deadline: the part of a loop that is the same on the real and on the virtual clock. Loop thread only.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "common/loop/loop.h"

namespace atoll {

class TimerQueue {
 public:
  Loop::TimerId Add(absl::Duration deadline, Loop::Function fn);
  // Unknown ids (ran, cancelled) are ignored, so a timer may be cancelled from any callback, its own included.
  void Cancel(Loop::TimerId id);
  // InfiniteDuration when there is none.
  absl::Duration NextDeadline() const;
  // Takes the earliest timer that is due at `now`; equal deadlines in the order they were added.
  std::optional<Loop::Function> PopDue(absl::Duration now);
  void Clear();
  size_t size() const { return timers_.size(); }

 private:
  Loop::TimerId next_id_ = 1;
  std::map<std::pair<absl::Duration, Loop::TimerId>, Loop::Function> timers_;
  absl::flat_hash_map<Loop::TimerId, absl::Duration> deadlines_;
};

}  // namespace atoll
