#include "shard/controllers/resource_quota/schedule.h"

#include <catch2/catch.hpp>

namespace atoll::controllers {
namespace {

TEST_CASE("a quota is counted again: soon after a change, else now and then", "[controllers]") {
  CHECK(RecountAfter(Counted::kLostRace) < RecountAfter(Counted::kChanged));
  CHECK(RecountAfter(Counted::kChanged) < RecountAfter(Counted::kUnchanged));
  CHECK(RecountAfter(Counted::kUnchanged) == absl::Minutes(5));
}

}  // namespace
}  // namespace atoll::controllers
