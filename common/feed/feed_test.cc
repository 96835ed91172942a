#include "common/feed/feed.h"

#include <catch2/catch.hpp>
#include <map>

#include "common/base/strings.h"
#include "common/store/store_testing.h"

namespace atoll::feed {
namespace {

using store::testing::Await;
using store::testing::Commit;
using store::testing::Delete;
using store::testing::Key;
using store::testing::Put;

// Applies batches as any mirror does.
struct Mirror {
  std::map<std::string, std::string> state;
  Position position;
  int resets = 0;
  bool synced = false;

  void Apply(const Batch& batch) {
    if (batch.reset) {
      state.clear();
      synced = false;
      ++resets;
    }
    for (const Change& change : batch.changes) {
      if (change.deleted()) {
        state.erase(change.key);
      } else {
        state[change.key] = change.value;
      }
    }
    synced |= batch.synced;
    if (batch.through.value != 0) position.through = batch.through;
  }
};

struct Fixture {
  store::testing::StoreFixture store{"memory"};
  SimLoop loop{1};

  Batch Next(Feed& feed, absl::Duration timeout = absl::InfiniteDuration()) {
    auto batch = Await(loop, feed.Next(timeout));
    REQUIRE(batch.ok());
    return *std::move(batch);
  }
  std::unique_ptr<Feed> New(Options options) {
    std::unique_ptr<Feed> out;
    struct Make {
      static Task<int> Run(Fixture* self, Options options, std::unique_ptr<Feed>* out) {
        *out = std::make_unique<Feed>(&*self->store, &self->store.pool(), std::move(options));
        co_return 0;
      }
    };
    Await(loop, Make::Run(this, std::move(options), &out));
    return out;
  }
  void Stop(std::unique_ptr<Feed> feed) {
    struct End {
      static Task<int> Run(Feed* feed) {
        co_await feed->Stop();
        co_return 0;
      }
    };
    Await(loop, End::Run(feed.get()));
  }
};

TEST_CASE("A feed brings the state in pages, then the changes of its scopes only", "[feed]") {
  Fixture f;
  for (int i = 0; i < 10; ++i)
    REQUIRE(Commit(*f.store, Put(StrCat("a/", i), StrCat("v", i)), Put(StrCat("b/", i), "w"), Put(StrCat("c/", i), "x"))
                .ok());
  auto feed = f.New({.scopes = {Key("a"), Key("b")}, .page_items_max = 3});
  Mirror mirror;
  int pages = 0;
  while (!mirror.synced) {
    Batch batch = f.Next(*feed);
    CHECK(batch.changes.size() <= 3);
    CHECK(batch.reset == (pages++ == 0));
    mirror.Apply(batch);
  }
  CHECK(mirror.state.size() == 20);
  CHECK(mirror.position.through == f.store->current());
  REQUIRE(Commit(*f.store, Put("c/0", "unseen")).ok());
  REQUIRE(Commit(*f.store, Put("a/0", "new"), Delete("b/3")).ok());
  Batch batch = f.Next(*feed);
  CHECK(batch.changes.size() == 2);
  mirror.Apply(batch);
  CHECK(mirror.state[Key("a/0")] == "new");
  CHECK(mirror.state.count(Key("b/3")) == 0);
  CHECK(mirror.position.through == f.store->current());
  f.Stop(std::move(feed));
}

TEST_CASE("Positions advance while others write", "[feed]") {
  Fixture f;
  auto feed = f.New({.scopes = {Key("a")}});
  CHECK(f.Next(*feed).synced);
  REQUIRE(Commit(*f.store, Put("c/0", "unseen")).ok());
  feed->Wake();
  Batch batch = f.Next(*feed);
  CHECK(batch.changes.empty());
  CHECK(batch.through == f.store->current());
  f.Stop(std::move(feed));
}

TEST_CASE("A feed resumes, or starts over", "[feed]") {
  Fixture f;
  REQUIRE(Commit(*f.store, Put("a/0", "v")).ok());
  const Position here{f.store->id(), f.store->current()};
  REQUIRE(Commit(*f.store, Put("a/1", "v")).ok());
  struct Case {
    const char* name;
    std::optional<Position> resume;
    bool reset;
    size_t changes;
  };
  const Case cases[] = {
      {"nothing known", std::nullopt, true, 2},
      {"known position", here, false, 1},
      {"another store", Position{"other", here.through}, true, 2},
      {"from the future", Position{here.store_id, {1000}}, true, 2},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      auto feed = f.New({.scopes = {Key("a")}, .resume = c.resume});
      Batch batch = f.Next(*feed);
      CHECK(batch.reset == c.reset);
      CHECK(batch.changes.size() == c.changes);
      f.Stop(std::move(feed));
    }
  }
}

}  // namespace
}  // namespace atoll::feed
