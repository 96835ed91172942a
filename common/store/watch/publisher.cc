#include "common/store/watch/publisher.h"

#include <utility>

#include "common/base/check.h"

namespace atoll::store {

Publisher::Publisher(Ring ring, std::shared_ptr<const StoreView> view, Revision oldest_in_log, size_t ring_bytes_max,
                     BlockingPool* pool)
    : ring_bytes_max_(ring_bytes_max),
      pool_(pool),
      current_(view->revision().value),
      oldest_in_log_(oldest_in_log.value),
      ring_(std::move(ring)),
      view_(std::move(view)) {}

void Publisher::Publish(EventGroupPtr group, std::shared_ptr<const StoreView> view) {
  std::shared_ptr<const StoreView> previous;  // released without the lock
  absl::MutexLock lock(&mutex_);
  previous = std::exchange(view_, std::move(view));
  if (group->events.empty()) return;  // only index entries were written
  current_.store(group->last.value, std::memory_order_release);
  ring_.Append(group);
  for (auto& [loop, joined] : hubs_) joined.hub->Deliver(group);
}

void Publisher::Stop() {
  absl::MutexLock lock(&mutex_);
  stopped_ = true;
  for (auto& [loop, joined] : hubs_) joined.hub->Stop();
}

void Publisher::Close() {
  std::shared_ptr<const StoreView> last;  // released without the lock
  absl::MutexLock lock(&mutex_);
  last = std::move(view_);
}

std::shared_ptr<const StoreView> Publisher::view() const {
  absl::MutexLock lock(&mutex_);
  return view_;
}

std::shared_ptr<Hub> Publisher::Join(Loop& loop) {
  absl::MutexLock lock(&mutex_);
  Joined& joined = hubs_[&loop];
  ++joined.users;
  if (joined.hub == nullptr) {
    joined.hub = std::make_shared<Hub>(loop, ring_, ring_bytes_max_);
    if (stopped_) joined.hub->Stop();
  }
  return joined.hub;
}

void Publisher::Leave(const std::shared_ptr<Hub>& hub) {
  absl::MutexLock lock(&mutex_);
  const auto it = hubs_.find(&hub->loop());
  CHECK(it != hubs_.end() && it->second.hub == hub);
  if (--it->second.users == 0) hubs_.erase(it);
}

Publisher::Stats Publisher::stats() const {
  absl::MutexLock lock(&mutex_);
  Stats stats{ring_.events(), ring_.bytes(), 0};
  for (const auto& [loop, joined] : hubs_) stats.followers += joined.users;
  return stats;
}

}  // namespace atoll::store
