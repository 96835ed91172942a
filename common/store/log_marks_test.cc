#include "common/store/log_marks.h"

#include <catch2/catch.hpp>

namespace atoll::store {
namespace {

TEST_CASE("LogMarks trims by size", "[store]") {
  LogMarks marks(1000, absl::Hours(1), {});
  for (uint64_t r = 1; r <= 20; ++r) marks.Written(100, marks.Due({r}, 100, {}));
  // 2000 bytes were logged, 1000 may stay.
  CHECK(marks.TrimThrough({}) == Revision{10});
  CHECK(marks.TrimThrough({}) == std::nullopt);
}

TEST_CASE("LogMarks marks by bytes and by time", "[store]") {
  LogMarks marks(512'000, absl::Minutes(16), {});
  CHECK_FALSE(marks.Due({1}, 999, {}).has_value());
  CHECK(marks.Due({1}, 1000, {})->bytes == 1000);
  CHECK_FALSE(marks.Due({1}, 1, absl::Seconds(59)).has_value());
  CHECK(marks.Due({1}, 1, absl::Seconds(60)).has_value());
}

TEST_CASE("LogMarks survives a restart, and clocks that jump", "[store]") {
  struct Case {
    const char* name;
    absl::Duration age;
    std::optional<Revision> trimmed;
  };
  const Case cases[] = {
      {"young", absl::Minutes(5), std::nullopt},
      {"old", absl::Minutes(61), Revision{7}},
      {"from the future", -absl::Hours(5), std::nullopt},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      LogMarks marks(1000, absl::Hours(1), absl::Hours(100));
      marks.Restore({7}, 5000, c.age, absl::Hours(100));
      marks.RestoreTail(10);
      CHECK(marks.TrimThrough(absl::Hours(100)) == c.trimmed);
    }
  }
}

}  // namespace
}  // namespace atoll::store
