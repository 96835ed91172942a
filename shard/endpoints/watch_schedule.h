// When a watch ends, and when it next owes a bookmark (spec/api-machinery.md 4): every minute and shortly before the
// end, if the watch is long enough for that. Times are of a monotonic clock. Not thread-safe.
#pragma once

#include <algorithm>

#include "absl/time/time.h"

namespace atoll::endpoints {

class WatchSchedule {
 public:
  WatchSchedule(absl::Duration now, absl::Duration timeout, bool bookmarks)
      : deadline_(now + timeout), bookmarks_(bookmarks) {
    next_bookmark_ = Next(now);
  }
  bool Over(absl::Duration now) const { return now >= deadline_; }
  absl::Duration Wait(absl::Duration now) const {
    return std::max(absl::ZeroDuration(), (bookmarks_ ? std::min(deadline_, next_bookmark_) : deadline_) - now);
  }
  // True once for each bookmark that is due.
  bool TakeBookmark(absl::Duration now) {
    if (!bookmarks_ || now < next_bookmark_) return false;
    next_bookmark_ = Next(now);
    return true;
  }

 private:
  static constexpr absl::Duration kEvery = absl::Minutes(1), kBeforeEnd = absl::Seconds(2);

  absl::Duration Next(absl::Duration now) const {
    const absl::Duration last = deadline_ - kBeforeEnd;
    return last > now ? std::min(now + kEvery, last) : now + kEvery;
  }

  absl::Duration deadline_, next_bookmark_;
  bool bookmarks_;
};

}  // namespace atoll::endpoints
