#include "shard/endpoints/watch_schedule.h"

#include <vector>

#include <catch2/catch.hpp>

namespace atoll::endpoints {
namespace {

TEST_CASE("bookmarks come every minute and before the end", "[endpoints]") {
  struct Row {
    int timeout_seconds;
    bool bookmarks;
    std::vector<int> due;
  } rows[] = {
      {150, true, {60, 120, 148}}, {62, true, {60}}, {10, true, {8}}, {2, true, {}}, {1, true, {}}, {150, false, {}},
  };
  for (const Row& row : rows) {
    INFO(row.timeout_seconds);
    const absl::Duration start = absl::Hours(1);
    WatchSchedule schedule(start, absl::Seconds(row.timeout_seconds), row.bookmarks);
    std::vector<int> due;
    absl::Duration now = start;
    while (!schedule.Over(now)) {
      now += schedule.Wait(now);
      if (schedule.TakeBookmark(now)) due.push_back(static_cast<int>((now - start) / absl::Seconds(1)));
    }
    CHECK(due == row.due);
    CHECK(now - start == absl::Seconds(row.timeout_seconds));
  }
}

}  // namespace
}  // namespace atoll::endpoints
