#include "common/api/quantity.h"

#include <catch2/catch.hpp>
#include <string>

namespace atoll::api {
namespace {

TEST_CASE("quantities are printed canonically", "[api]") {
  const std::pair<const char*, const char*> rows[] = {
      {"0", "0"},
      {"5", "5"},
      {"+5", "5"},
      {"-1", "-1"},
      {"1.5", "1500m"},
      {"1500m", "1500m"},
      {"1000m", "1"},
      {"1000", "1k"},
      {"1500", "1500"},
      {"1k", "1k"},
      {"2000000", "2M"},
      {"0.5k", "500"},
      {"1Ki", "1Ki"},
      {"1024Ki", "1Mi"},
      {"512", "512"},
      {"0.5Ki", "512"},
      {"1.5Gi", "1536Mi"},
      {"1e3", "1e3"},
      {"1E3", "1e3"},
      {"1e-3", "1e-3"},
      {"12e2", "1200"},
      {".5", "500m"},
      {"5.", "5"},
      {"100n", "100n"},
      {"0.1n", "1n"},
      {"-0.1n", "-1n"},
      {"1E", "1E"},
      {"9223372036854775807", "9223372036854775807"},
      {"99999999999999999999", "9223372036854775807"},
      {"9979999993958377.00000001", "9979999993958377000000010n"},
      {"1e999999", "9223372036854775807"},
  };
  for (const auto& [text, want] : rows) {
    CAPTURE(text);
    auto q = Quantity::Parse(text);
    REQUIRE(q.ok());
    CHECK(q->ToString() == want);
    // Printing again changes nothing.
    CHECK(Quantity::Parse(q->ToString())->ToString() == q->ToString());
  }
}

TEST_CASE("quantities that are none", "[api]") {
  for (const char* text :
       {"", "abc", "1.2.3", "-", "+", ".", "1 ", " 1", "1x", "--1", "1Kii", "1ki", "1e", "1ee3", "1m5"}) {
    CAPTURE(text);
    CHECK_FALSE(Quantity::Parse(text).ok());
  }
  CHECK_FALSE(Quantity::Parse(std::string(5000, '1')).ok());
}

TEST_CASE("quantities compare and count", "[api]") {
  CHECK(*Quantity::Parse("1k") == Quantity(1000));
  CHECK(*Quantity::Parse("999m") < Quantity(1));
  CHECK(*Quantity::Parse("1Ki") > *Quantity::Parse("1k"));
  CHECK(Quantity(7).Whole() == 7);
  CHECK(Quantity::Parse("1500m")->Whole() == 2);
  CHECK_FALSE(Quantity::Parse("1500m")->IsWhole());
  CHECK(Quantity::Parse("-3")->negative());
  CHECK(Quantity(2000).ToString() == "2k");
}

}  // namespace
}  // namespace atoll::api
