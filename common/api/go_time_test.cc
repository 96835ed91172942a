#include "common/api/go_time.h"

#include <catch2/catch.hpp>

#include "common/api/object.h"

namespace atoll::api {
namespace {

TEST_CASE("times are read as Go reads them") {
  struct Row {
    const char* text;
    TimeLayout layout;
    const char* micros;
  };
  const Row rows[] = {
      {"2020-01-01T00:00:00Z", TimeLayout::kSeconds, "2020-01-01T00:00:00.000000Z"},
      {"2020-01-01T02:00:00+02:00", TimeLayout::kSeconds, "2020-01-01T00:00:00.000000Z"},
      {"2020-01-01T02:00:00.5Z", TimeLayout::kSeconds, "2020-01-01T02:00:00.500000Z"},
      {"2020-02-29T23:59:59-00:30", TimeLayout::kSeconds, "2020-03-01T00:29:59.000000Z"},
      {"2020-01-01T00:00:00.123456Z", TimeLayout::kMicros, "2020-01-01T00:00:00.123456Z"},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    auto time = ParseGoTime(row.text, row.layout);
    REQUIRE(time.ok());
    CHECK(FormatMicroTime(*time) == row.micros);
  }
}

TEST_CASE("what is no time is refused in Go's words") {
  struct Row {
    const char* text;
    TimeLayout layout;
    const char* why;
  };
  const Row rows[] = {
      {"x", TimeLayout::kSeconds, R"(parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006")"},
      {"", TimeLayout::kSeconds, R"(parsing time "" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "2006")"},
      {"2020-01-01", TimeLayout::kSeconds,
       R"(parsing time "2020-01-01" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "T")"},
      {"2020-01-01T00:00:00", TimeLayout::kSeconds,
       R"(parsing time "2020-01-01T00:00:00" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "Z07:00")"},
      {"2020-13-01T00:00:00Z", TimeLayout::kSeconds, R"(parsing time "2020-13-01T00:00:00Z": month out of range)"},
      {"2021-02-29T00:00:00Z", TimeLayout::kSeconds, R"(parsing time "2021-02-29T00:00:00Z": day out of range)"},
      {"2020-01-01T24:00:00Z", TimeLayout::kSeconds, R"(parsing time "2020-01-01T24:00:00Z": hour out of range)"},
      {"2020-01-01T00:00:00Zx", TimeLayout::kSeconds, R"(parsing time "2020-01-01T00:00:00Zx": extra text: "x")"},
      {"2020-01-01T00:00:00Z", TimeLayout::kMicros,
       R"(parsing time "2020-01-01T00:00:00Z" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "Z" as ".000000")"},
      {"2020-01-01T00:00:00.5Z", TimeLayout::kMicros,
       R"(parsing time "2020-01-01T00:00:00.5Z" as "2006-01-02T15:04:05.000000Z07:00": cannot parse ".5Z" as ".000000")"},
      {"2020-01-01T00:00:00.123456789Z", TimeLayout::kMicros,
       R"(parsing time "2020-01-01T00:00:00.123456789Z" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "789Z" as "Z07:00")"},
  };
  for (const Row& row : rows) {
    auto time = ParseGoTime(row.text, row.layout);
    REQUIRE_FALSE(time.ok());
    CHECK(std::string(time.status().message()) == row.why);
  }
}

}  // namespace
}  // namespace atoll::api
