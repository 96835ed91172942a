#include "common/loop/timer_queue.h"

namespace atoll {

Loop::TimerId TimerQueue::Add(absl::Duration deadline, Loop::Function fn) {
  Loop::TimerId id = next_id_++;
  timers_.emplace(std::pair(deadline, id), std::move(fn));
  deadlines_.emplace(id, deadline);
  return id;
}

void TimerQueue::Cancel(Loop::TimerId id) {
  auto it = deadlines_.find(id);
  if (it == deadlines_.end()) return;
  // The function dies only after the maps are consistent again: its destructor may come back here.
  auto node = timers_.extract({it->second, id});
  deadlines_.erase(it);
}

absl::Duration TimerQueue::NextDeadline() const {
  return timers_.empty() ? absl::InfiniteDuration() : timers_.begin()->first.first;
}

std::optional<Loop::Function> TimerQueue::PopDue(absl::Duration now) {
  if (timers_.empty() || timers_.begin()->first.first > now) return std::nullopt;
  auto node = timers_.extract(timers_.begin());
  deadlines_.erase(node.key().second);
  return std::move(node.mapped());
}

void TimerQueue::Clear() {
  auto timers = std::exchange(timers_, {});
  deadlines_.clear();
}

}  // namespace atoll
