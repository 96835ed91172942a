#include "common/api/quantity.h"

#include <catch2/catch.hpp>

namespace atoll::api {
namespace {

Quantity Q(std::string_view text) { return Quantity::Parse(text).value(); }

TEST_CASE("a quantity is printed in its canonical form") {
  struct Row {
    const char *text, *canonical;
  };
  const Row rows[] = {
      {"0", "0"},
      {"00", "0"},
      {"0.0", "0"},
      {"1", "1"},
      {"+5", "+5"},
      {"1.50", "1500m"},
      {".5", "500m"},
      {"0.1", "100m"},
      {"1000m", "1"},
      {"1500m", "1500m"},
      {"1000000", "1M"},
      {"1e2", "100"},
      {"1e3", "1e3"},
      {"12e6", "12e6"},
      {"1E", "1E"},
      {"1024Mi", "1Gi"},
      {"1024Ki", "1Mi"},
      {"1.5Gi", "1536Mi"},
      {"1025Mi", "1025Mi"},
      {"512", "512"},
      {"0.5Ki", "512"},
      {"0.0001Ki", "102400u"},
      {"1n", "1n"},
      {"0.0000000001", "1n"},
      {"1.1e-5", "1.1e-5"},
      {"-1", "-1"},
      {"-1.5", "-1500m"},
      {"-1024Ki", "-1Mi"},
      {"010G", "10G"},
      {"9223372036854775807", "9223372036854775807"},
      {"12345678901234567890123456789", "12345678901234567890123456789"},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    auto q = Quantity::Parse(row.text);
    REQUIRE(q.ok());
    CHECK(q->ToString() == row.canonical);
    auto again = Quantity::Parse(q->ToString());
    REQUIRE(again.ok());
    CHECK(*again == *q);
  }
}

TEST_CASE("what is no quantity is refused in Kubernetes' words") {
  const char* const kShape =
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
  struct Row {
    const char *text, *why;
  };
  const Row rows[] = {
      {"", kShape},
      {"abc", kShape},
      {"1 Gi", kShape},
      {"true", kShape},
      {"1Gii", "unable to parse quantity's suffix"},
      {"1e", "unable to parse quantity's suffix"},
      {"1Kb", kShape},
      {"m", "unable to parse numeric part of quantity"},
      {"1e1000000000", "unable to parse numeric part of quantity"},
      {"1e99", "unable to parse numeric part of quantity"},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    auto q = Quantity::Parse(row.text);
    REQUIRE_FALSE(q.ok());
    CHECK(std::string(q.status().message()) == row.why);
  }
}

TEST_CASE("amounts beyond the bound are refused however they are written") {
  for (std::string_view text : {"94000000000000010.0000005Ti", "-94000000000000010Ti", "100000000000E", "1e29"}) {
    CAPTURE(text);
    CHECK_FALSE(Quantity::Parse(text).ok());
  }
  CHECK(Quantity::Parse("90000000000000000Ti").ok());
}

TEST_CASE("quantities are compared and added by what they mean") {
  CHECK(Q("1024Mi") == Q("1Gi"));
  CHECK(Q("1500m") > Q("1"));
  CHECK(Q("-1").negative());
  CHECK(Quantity(5) == Q("5"));
  CHECK(Quantity(5).ToString() == "5");
  CHECK(Q("1500m").Whole() == 2);
  CHECK(Q("-1500m").Whole() == -1);
  CHECK(Q("99E").Whole() == INT64_MAX);
  Quantity sum = Q("1Gi");
  sum += Q("512Mi");
  CHECK(sum.ToString() == "1536Mi");
  sum -= Q("1536Mi");
  CHECK(sum.ToString() == "0");
  Quantity from_zero;
  from_zero += Q("1Mi");
  CHECK(from_zero.ToString() == "1Mi");
  Quantity huge = Q("99999999999999999999999999999");
  huge += huge;
  CHECK(huge.ToString() == "100000000000E");
}

TEST_CASE("a quantity is rounded to thousandths away from zero") {
  Quantity small = Q("1n");
  small.RoundUpToMilli();
  CHECK(small.ToString() == "1m");
  Quantity exponent = Q("1.1e-5");
  exponent.RoundUpToMilli();
  CHECK(exponent.ToString() == "1e-3");
  Quantity kept = Q("12e6");
  kept.RoundUpToMilli();
  CHECK(kept.ToString() == "12e6");
  CHECK_FALSE(Q("500m").IsWhole());
  CHECK(Q("1000m").IsWhole());
  CHECK(Q("1Ki").IsWhole());
}

}  // namespace
}  // namespace atoll::api
