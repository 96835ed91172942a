#include "common/cel/time.h"

#include <catch2/catch.hpp>

namespace atoll::cel {
namespace {

TEST_CASE("Timestamps are read and written", "[cel]") {
  struct Case {
    const char* text;
    const char* want;  // nullptr: none
  };
  const Case cases[] = {
      {"2024-02-29T12:30:00Z", "2024-02-29T12:30:00Z"},
      {"2024-02-29T12:30:00.120Z", "2024-02-29T12:30:00.12Z"},
      {"2024-02-29T12:30:00+01:30", "2024-02-29T11:00:00Z"},
      {"0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"},
      {"9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999999999Z"},
      {"9999-12-31T23:59:59-01:00", nullptr},
      {"2023-02-29T00:00:00Z", nullptr},
      {"2024-02-29 12:30:00Z", nullptr},
      {"2024-02-29T24:00:00Z", nullptr},
      {"2024-02-29T12:30:00", nullptr},
      {"2024-02-29T12:30:00.Z", nullptr},
      {"", nullptr},
  };
  for (const Case& c : cases) {
    INFO(c.text);
    TimePoint t;
    REQUIRE(ParseTimestamp(c.text, &t) == (c.want != nullptr));
    if (c.want != nullptr) CHECK(FormatTimestamp(t) == c.want);
  }
}

TEST_CASE("Durations and numbers are written as Go writes them", "[cel]") {
  CHECK(FormatGoDuration(0) == "0s");
  CHECK(FormatGoDuration(5'400'500'000'000) == "1h30m0.5s");
  CHECK(FormatGoDuration(-1'500'000) == "-1.5ms");
  CHECK(FormatSeconds(5'400'500'000'000) == "5400.5s");
  CHECK(FormatDouble(1e6) == "1e+06");
  CHECK(FormatDouble(123456) == "123456");
  CHECK(FormatDouble(0.00001) == "1e-05");
  CHECK(FormatDouble(-2.5) == "-2.5");
  CHECK(FormatDoublePlain(1e21) == "1000000000000000000000");
}

TEST_CASE("Zones", "[cel]") {
  int64_t offset = 0;
  std::string error;
  CHECK(ZoneOffset("-02:30", 0, &offset, &error));
  CHECK(offset == -9000);
  CHECK(ZoneOffset("Europe/Berlin", 1'719'792'000, &offset, &error));  // in summer
  CHECK(offset == 7200);
  CHECK(!ZoneOffset("Nowhere/City", 0, &offset, &error));
  CHECK(error == "unknown time zone Nowhere/City");
  CHECK(!ZoneOffset("01:60", 0, &offset, &error));
  CHECK(error == "timezone offset minutes out of range [0, 59]: 01:60");
  CHECK(!ZoneOffset("../etc/passwd", 0, &offset, &error));
}

}  // namespace
}  // namespace atoll::cel
