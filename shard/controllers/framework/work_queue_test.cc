#include "shard/controllers/framework/work_queue.h"

#include <catch2/catch.hpp>

namespace atoll::controllers {
namespace {

constexpr absl::Duration At(int ms) { return absl::Milliseconds(ms); }

TEST_CASE("WorkQueue holds a key once and in order", "[controllers]") {
  WorkQueue q;
  q.Add("a");
  q.Add("b");
  q.Add("a");
  CHECK(q.Take(At(0)) == "a");
  CHECK(q.Take(At(0)) == "b");
  CHECK_FALSE(q.Take(At(0)).has_value());
}

TEST_CASE("WorkQueue runs a key again that was added while it was worked on", "[controllers]") {
  WorkQueue q;
  q.Add("a");
  REQUIRE(q.Take(At(0)) == "a");
  q.Add("a");
  q.Add("a");
  CHECK_FALSE(q.Take(At(0)).has_value());  // never two workers on one key
  q.Done("a");
  CHECK(q.Take(At(0)) == "a");
  q.Done("a");
  CHECK_FALSE(q.Take(At(0)).has_value());
}

TEST_CASE("WorkQueue backs off and starts over", "[controllers]") {
  WorkQueue q({.base_delay = At(10), .delay_max = At(35)});
  for (int want : {10, 20, 35, 35}) {
    q.AddFailed("a", At(1000));
    CHECK(q.NextDue() == At(1000 + want));
    CHECK_FALSE(q.Take(At(1000 + want - 1)).has_value());
    REQUIRE(q.Take(At(1000 + want)) == "a");
    q.Done("a");
  }
  q.Forget("a");
  q.AddFailed("a", At(0));
  CHECK(q.NextDue() == At(10));
}

TEST_CASE("WorkQueue: an event beats a delay, an earlier delay beats a later one", "[controllers]") {
  WorkQueue q;
  q.AddAt("a", At(100));
  q.AddAt("a", At(50));
  q.AddAt("a", At(70));
  CHECK(q.NextDue() == At(50));
  q.Add("a");
  CHECK_FALSE(q.NextDue().has_value());
  CHECK(q.Take(At(0)) == "a");
}

}  // namespace
}  // namespace atoll::controllers
