#include "shard/controllers/framework/work_queue.h"

#include <algorithm>

#include "common/base/strings.h"

namespace atoll::controllers {

void WorkQueue::Add(std::string_view key) {
  if (auto it = due_.find(ToAbsl(key)); it != due_.end()) {
    for (auto [at, end] = delayed_.equal_range(it->second); at != end; ++at) {
      if (at->second == key) {
        delayed_.erase(at);
        break;
      }
    }
    due_.erase(it);
  }
  if (working_.contains(ToAbsl(key))) {
    again_.emplace(key);
    return;
  }
  if (!waiting_.emplace(key).second) return;
  ++adds_total_;
  ready_.emplace_back(key);
}

void WorkQueue::AddAt(std::string_view key, absl::Duration at) {
  if (waiting_.contains(ToAbsl(key))) return;
  if (auto it = due_.find(ToAbsl(key)); it != due_.end()) {
    if (it->second <= at) return;
    for (auto [d, end] = delayed_.equal_range(it->second); d != end; ++d) {
      if (d->second == key) {
        delayed_.erase(d);
        break;
      }
    }
    due_.erase(it);
  }
  delayed_.emplace(at, std::string(key));
  due_.emplace(key, at);
}

void WorkQueue::AddFailed(std::string_view key, absl::Duration now) {
  int& failures = failures_[std::string(key)];
  const absl::Duration delay =
      std::min(options_.delay_max, options_.base_delay * static_cast<double>(uint64_t{1} << std::min(failures, 30)));
  ++failures;
  ++retries_total_;
  AddAt(key, now + delay);
}

void WorkQueue::Forget(std::string_view key) { failures_.erase(ToAbsl(key)); }

void WorkQueue::Promote(absl::Duration now) {
  while (!delayed_.empty() && delayed_.begin()->first <= now) {
    std::string key = std::move(delayed_.begin()->second);
    delayed_.erase(delayed_.begin());
    due_.erase(ToAbsl(key));
    Add(key);
  }
}

std::optional<std::string> WorkQueue::Take(absl::Duration now) {
  Promote(now);
  if (ready_.empty()) return std::nullopt;
  std::string key = std::move(ready_.front());
  ready_.pop_front();
  waiting_.erase(ToAbsl(key));
  working_.insert(key);
  return key;
}

void WorkQueue::Done(std::string_view key) {
  working_.erase(ToAbsl(key));
  if (again_.erase(ToAbsl(key)) > 0) Add(key);
}

std::optional<absl::Duration> WorkQueue::NextDue() const {
  if (delayed_.empty()) return std::nullopt;
  return delayed_.begin()->first;
}

}  // namespace atoll::controllers
