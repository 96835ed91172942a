#include "shard/controllers/framework/progress.h"

#include <algorithm>

#include <catch2/catch.hpp>

#include "common/base/random.h"
#include "common/store/store_testing.h"
#include "shard/controllers/framework/cursor.h"

namespace atoll::controllers {
namespace {

using Keys = std::vector<std::string>;
constexpr store::Revision At(uint64_t r) { return {r}; }

// A save that reached the disk.
std::optional<Progress::Save> SaveNow(Progress& progress, uint64_t covered, bool last = false) {
  auto save = progress.Plan(At(covered), last);
  if (save.has_value()) progress.Saved(*save);
  return save;
}

TEST_CASE("Progress: the cursor waits for what is young and passes what is parked", "[controllers]") {
  Progress p;
  p.Begin("scanned", {});
  p.Begin("slow", At(10));
  p.Begin("quick", At(11));
  p.End("quick");
  auto first = SaveNow(p, 20);
  REQUIRE(first.has_value());
  CHECK(first->cursor == At(9));  // the log remembers "slow"
  CHECK(first->park == Keys{"scanned"});
  p.Begin("young", At(25));
  p.End("scanned");
  auto second = SaveNow(p, 30);
  REQUIRE(second.has_value());
  CHECK(second->cursor == At(24));
  CHECK(second->park == Keys{"slow"});  // it waits since before the save at 20
  CHECK(second->unpark == Keys{"scanned"});
  p.End("young");
  p.End("slow");
  auto third = SaveNow(p, 30);
  REQUIRE(third.has_value());
  CHECK(third->cursor == At(30));
  CHECK(third->unpark == Keys{"slow"});
  CHECK_FALSE(SaveNow(p, 30).has_value());  // nothing to write
}

TEST_CASE("Progress: a key that is asked for again keeps its oldest reason", "[controllers]") {
  Progress p;
  p.Begin("a", At(5));
  p.Begin("a", At(9));
  CHECK(p.Since("a") == At(5));
  CHECK(p.Since("b") == At(0));
  p.Begin("a", {});
  CHECK(p.Since("a") == At(0));
}

TEST_CASE("Progress: at the end everything pending is parked", "[controllers]") {
  Progress p;
  p.Begin("a", At(5));
  p.Begin("b", At(7));
  auto save = SaveNow(p, 8, /*last=*/true);
  REQUIRE(save.has_value());
  CHECK(save->cursor == At(8));
  std::sort(save->park.begin(), save->park.end());
  CHECK(save->park == Keys{"a", "b"});

  Progress next;
  next.Restore(save->cursor, save->park);
  CHECK(next.pending() == 2);
  CHECK_FALSE(SaveNow(next, 8).has_value());  // as on disk
}

TEST_CASE("Progress: beyond the bound the cursor stands still", "[controllers]") {
  Progress p(2);
  REQUIRE(SaveNow(p, 1).has_value());
  for (const char* key : {"a", "b", "c"}) p.Begin(key, At(2));
  REQUIRE(SaveNow(p, 5).has_value() == false);  // they are young: the cursor would not move
  CHECK_FALSE(SaveNow(p, 6).has_value());       // too many to park
  p.End("c");
  auto save = SaveNow(p, 7);
  REQUIRE(save.has_value());
  CHECK(save->cursor == At(7));
  CHECK(save->park.size() == 2);
}

// The promise itself, against a reader that dies at any moment: whatever was not reconciled is found again, in the
// parked keys or in the log behind the cursor.
TEST_CASE("Progress: nothing is lost whenever the process dies", "[controllers]") {
  SeededRandom random(7);
  for (int round = 0; round < 200; ++round) {
    Progress p(50);
    std::optional<Progress::Save> disk_cursor;
    absl::flat_hash_set<std::string> disk_parked;
    absl::flat_hash_map<std::string, uint64_t> newest;  // event of each key
    absl::flat_hash_set<std::string> undone;
    uint64_t revision = 0;
    for (int step = 0; step < 100; ++step) {
      const std::string key = "k" + std::to_string(random.Below(20));
      switch (random.Below(4)) {
        case 0:
        case 1:
          newest[key] = ++revision;
          p.Begin(key, At(revision));
          undone.insert(key);
          break;
        case 2:
          p.End(key);
          undone.erase(key);
          break;
        default:
          if (auto save = p.Plan(At(revision), false)) {
            if (random.Below(4) == 0) break;  // the disk refused
            p.Saved(*save);
            for (const auto& k : save->park) disk_parked.insert(k);
            for (const auto& k : save->unpark) disk_parked.erase(k);
            disk_cursor = save;
          }
      }
      if (!disk_cursor.has_value()) continue;  // the next life scans
      for (const std::string& k : undone) {
        const bool found = disk_parked.contains(k) || newest[k] > disk_cursor->cursor.value;
        if (!found) FAIL("lost " << k << " in round " << round);
      }
    }
  }
}

TEST_CASE("a cursor is read back, and only by what it belongs to", "[controllers]") {
  store::testing::StoreFixture store("memory");
  const uint64_t mine = FingerprintOf({"a", "b"}, 1);
  CHECK(mine != FingerprintOf({"a", "b"}, 2));
  CHECK(mine != FingerprintOf({"ab"}, 1));
  const auto load = [&](std::string_view name, uint64_t fingerprint) {
    auto loaded = LoadProgress(*store->Snapshot(), name, fingerprint);
    REQUIRE(loaded.ok());
    return *loaded;
  };
  CHECK_FALSE(load("c", mine).has_value());
  const std::string odd("k\0\0y", 4);
  CHECK_OK(store::testing::Commit(*store, SaveTransaction("c", mine, {{}, At(7), {"x", odd}, {}})));
  CHECK_OK(store::testing::Commit(*store, SaveTransaction("c", mine, {At(7), At(300), {"y"}, {"x"}})));
  CHECK_OK(store::testing::Commit(*store, SaveTransaction("cc", mine, {{}, At(1), {"z"}, {}})));
  auto saved = load("c", mine);
  REQUIRE(saved.has_value());
  CHECK(saved->cursor == At(300));
  CHECK(saved->parked == Keys{odd, "y"});
  CHECK_FALSE(load("c", mine + 1).has_value());
  auto forget = ForgetTransaction(*store->Snapshot(), "c");
  REQUIRE(forget.ok());
  CHECK_OK(store::testing::Commit(*store, *std::move(forget)));
  CHECK_FALSE(load("c", mine).has_value());
  CHECK(load("cc", mine)->parked == Keys{"z"});
}

}  // namespace
}  // namespace atoll::controllers
