#include "shard/controllers/event_expiry/sweep.h"

#include <catch2/catch.hpp>

#include "common/base/check.h"
#include "common/json/parse.h"

namespace atoll::controllers {
namespace {

TEST_CASE("expiry: an object was last written when the server last stamped it", "[controllers]") {
  const std::pair<const char*, int64_t> rows[] = {
      {R"({"metadata":{"creationTimestamp":"1970-01-01T00:01:00Z"}})", 60},
      {R"({"metadata":{"creationTimestamp":"1970-01-01T00:01:00Z","managedFields":[{"time":"1970-01-01T00:02:00Z"},)"
       R"({"time":"1970-01-01T00:01:30Z"},{}]}})",
       120},
      {R"({"metadata":{"creationTimestamp":"1970-01-01T00:01:00Z","managedFields":[{"time":"soon"}]}})", 60},
      {R"({"lastTimestamp":"2100-01-01T00:00:00Z"})", 0},  // what a client says counts nothing
  };
  for (const auto& [text, seconds] : rows) {
    CAPTURE(text);
    auto object = json::Parse(text);
    CHECK_OK(object);
    CHECK(LastWritten(*object) == absl::FromUnixSeconds(seconds));
  }
}

TEST_CASE("expiry: when to sweep again", "[controllers]") {
  const absl::Time now = absl::FromUnixSeconds(100'000);
  CHECK(NextSweep(now - absl::Seconds(10), absl::Seconds(30), now) == absl::Seconds(21));
  CHECK(NextSweep(now - absl::Hours(2), absl::Hours(1), now) == absl::Seconds(1));
  CHECK(NextSweep(now, absl::Hours(1), now) == absl::Minutes(1));
  CHECK(NextSweep(now + absl::Hours(24), absl::Hours(1), now) == absl::Minutes(1));
}

}  // namespace
}  // namespace atoll::controllers
