// Transactions, snapshots, restarts, and random histories against a model; on both engines.
#include "common/store/store.h"

#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/base/random.h"
#include "common/store/store_testing.h"

namespace atoll::store {
namespace {

using testing::Await;
using testing::Check;
using testing::Commit;
using testing::Delete;
using testing::Key;
using testing::Put;
using testing::Read;
using testing::StoreFixture;
using testing::Txn;

std::string AnyEngine() { return GENERATE(as<std::string>(), "rocksdb", "memory"); }

TEST_CASE("Preconditions", "[store]") {
  struct Case {
    const char* name;
    Op op;  // on "there", created at 1 and modified at 2, or on "missing"
    absl::StatusCode want;
  };
  const Case cases[] = {
      {"put over anything", Put("there", "x"), absl::StatusCode::kOk},
      {"create an absent key", Put("missing", "x", Precondition::Absent()), absl::StatusCode::kOk},
      {"create a present key", Put("there", "x", Precondition::Absent()), absl::StatusCode::kAlreadyExists},
      {"update a present key", Put("there", "x", Precondition::Exists()), absl::StatusCode::kOk},
      {"update a missing key", Put("missing", "x", Precondition::Exists()), absl::StatusCode::kNotFound},
      {"update at its revision", Put("there", "x", Precondition::At({2})), absl::StatusCode::kOk},
      {"update at the revision it was created", Put("there", "x", Precondition::At({1})), absl::StatusCode::kAborted},
      {"update a missing key at a revision", Put("missing", "x", Precondition::At({2})), absl::StatusCode::kNotFound},
      {"delete at its revision", Delete("there", Precondition::At({2})), absl::StatusCode::kOk},
      {"delete at another", Delete("there", Precondition::At({3})), absl::StatusCode::kAborted},
      {"delete a missing key that must exist", Delete("missing", Precondition::Exists()), absl::StatusCode::kNotFound},
      {"delete a missing key", Delete("missing"), absl::StatusCode::kOk},
      {"check", Check("there", Precondition::At({2})), absl::StatusCode::kOk},
      {"check fails", Check("there", Precondition::Absent()), absl::StatusCode::kAlreadyExists},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      StoreFixture store("memory");
      REQUIRE(Commit(*store, Put("there", "1")).ok());
      REQUIRE(Commit(*store, Put("there", "2")).ok());
      const auto result = Commit(*store, Put("other", "1"), c.op);
      CHECK(result.status().code() == c.want);
      CHECK(FailedOp(result.status()) == (result.ok() ? -1 : 1));
      CHECK(Read(*store, "other").has_value() == result.ok());  // all or nothing
      CHECK(store->current() == Revision{result.ok() ? 3u : 2u});
    }
  }
}

TEST_CASE("Malformed transactions are refused", "[store]") {
  StoreFixture store("memory");
  Transaction huge = Txn(Put("a", std::string(Transaction::bytes_max + 1, 'x')));
  CHECK(absl::IsInvalidArgument(Commit(*store, std::move(huge)).status()));
  Transaction many;
  for (size_t i = 0; i <= Transaction::ops_max; ++i) many.ops.push_back(Put(absl::StrCat(i), ""));
  CHECK(absl::IsInvalidArgument(Commit(*store, std::move(many)).status()));
  CHECK(absl::IsInvalidArgument(Commit(*store, Op{.key = ""}).status()));
  CHECK(absl::IsInvalidArgument(Commit(*store, Op{.key = "no terminator"}).status()));
  Transaction index;
  index.index.push_back({});
  CHECK(absl::IsInvalidArgument(Commit(*store, std::move(index)).status()));
  CHECK(store->current() == Revision{0});
}

TEST_CASE("A transaction without effect takes no revision", "[store]") {
  StoreFixture store(AnyEngine());
  REQUIRE(Commit(*store, Put("a", "1")).ok());
  CHECK(*Commit(*store, Check("a", Precondition::Exists())) == Revision{1});
  CHECK(*Commit(*store, Delete("missing")) == Revision{1});
  CHECK(*Commit(*store, Transaction()) == Revision{1});
  CHECK(store->stats().groups_total == 1);
  CHECK(*Commit(*store, Put("a", "2")) == Revision{2});
}

TEST_CASE("An entry remembers its life", "[store]") {
  StoreFixture store(AnyEngine());
  REQUIRE(Commit(*store, Put("a", "1")).ok());
  REQUIRE(Commit(*store, Put("a", "2")).ok());
  CHECK(Read(*store, "a")->created == Revision{1});
  CHECK(Read(*store, "a")->modified == Revision{2});
  REQUIRE(Commit(*store, Delete("a")).ok());
  CHECK_FALSE(Read(*store, "a").has_value());
  REQUIRE(Commit(*store, Put("a", "")).ok());
  CHECK(Read(*store, "a")->created == Revision{4});
  CHECK(Read(*store, "a")->value.empty());
  SimLoop loop;
  const auto entry = Await(loop, store->Get(Key("a")));
  REQUIRE(entry.ok());
  CHECK((*entry)->modified == Revision{4});
}

TEST_CASE("Later transactions of a group see the earlier ones", "[store]") {
  StoreFixture store(AnyEngine());
  // All are queued while the first one's callback holds the sequencer, so they make one group.
  absl::Notification queued, done;
  std::vector<absl::StatusOr<Revision>> results(4, absl::UnknownError(""));
  store->CommitThen(Txn(Put("first", "1")), [&](auto) { queued.WaitForNotification(); });
  store->CommitThen(Txn(Put("a", "1", Precondition::Absent())), [&](auto r) { results[0] = r; });
  store->CommitThen(Txn(Put("a", "2", Precondition::Absent())), [&](auto r) { results[1] = r; });
  store->CommitThen(Txn(Put("a", "3", Precondition::At({2}))), [&](auto r) { results[2] = r; });
  store->CommitThen(Txn(Delete("a", Precondition::At({3}))), [&](auto r) {
    results[3] = r;
    done.Notify();
  });
  queued.Notify();
  done.WaitForNotification();
  CHECK(results[0].ok());
  CHECK(absl::IsAlreadyExists(results[1].status()));
  CHECK(*results[2] == Revision{3});
  CHECK(*results[3] == Revision{4});
  CHECK_FALSE(Read(*store, "a").has_value());
  CHECK(store->stats().conflicts_total == 1);
}

TEST_CASE("The queue is bounded", "[store]") {
  StoreOptions options;
  options.pending_max = 3;
  StoreFixture store("memory", options);
  absl::Notification entered, release;
  store->CommitThen(Txn(Put("a", "1")), [&](auto) {
    entered.Notify();
    release.WaitForNotification();
  });
  entered.WaitForNotification();  // from here on the sequencer takes nothing from the queue
  std::atomic<int> accepted{0}, refused{0};
  for (int i = 0; i < 10; ++i) {
    store->CommitThen(Txn(Put("b", "1")),
                      [&](auto r) { absl::IsResourceExhausted(r.status()) ? ++refused : ++accepted; });
  }
  release.Notify();
  store->Stop();
  CHECK(accepted + refused == 10);
  CHECK(refused >= 7);
  CHECK(store->stats().rejected_total == static_cast<uint64_t>(refused));
}

TEST_CASE("Snapshots", "[store]") {
  ManualClock clock;
  StoreOptions options;
  options.clock = &clock;
  options.snapshots_max = 2;
  StoreFixture store(AnyEngine(), options);
  for (const char* key : {"a/1", "a/2", "b/1"}) REQUIRE(Commit(*store, Put(key, "old")).ok());
  const auto view = store->Snapshot();
  CHECK(view->revision() == Revision{3});
  store->Keep(view);
  REQUIRE(Commit(*store, Put("a/1", "new"), Delete("a/2"), Put("a/3", "new")).ok());

  const auto scan = [](const SnapshotView& v) {
    std::string text;
    CHECK_OK(v.Scan(Key("a"), ScopeEnd(Key("a")), [&](std::string_view key, std::string_view value, Revision modified) {
      text += std::string(SplitKey(key)[1]) + "=" + std::string(value) + "@" + std::to_string(modified.value) + " ";
      return true;
    }));
    return text;
  };
  CHECK(scan(*view) == "1=old@1 2=old@2 ");
  CHECK(scan(*store->Snapshot()) == "1=new@4 3=new@4 ");
  REQUIRE(store->SnapshotAt({3}).ok());
  CHECK(scan(**store->SnapshotAt({3})) == "1=old@1 2=old@2 ");
  CHECK((*store->SnapshotAt({4}))->revision() == Revision{4});
  CHECK(absl::IsOutOfRange(store->SnapshotAt({2}).status()));
  CHECK(absl::IsOutOfRange(store->SnapshotAt({5}).status()));

  SECTION("age out") {
    clock.Advance(options.snapshot_age_max + absl::Seconds(1));
    CHECK(absl::IsOutOfRange(store->SnapshotAt({3}).status()));
    CHECK(store->SnapshotAt({4}).ok());
  }
  SECTION("give way to newer ones") {
    for (int i = 0; i < 2; ++i) {
      store->Keep(store->Snapshot());
      REQUIRE(Commit(*store, Put("c", std::to_string(i))).ok());
    }
    CHECK(absl::IsOutOfRange(store->SnapshotAt({3}).status()));
    CHECK(store->SnapshotAt({4}).ok());
    CHECK(store->SnapshotAt({5}).ok());
  }
}

TEST_CASE("Concurrent writers: revisions are dense and unique, increments are not lost", "[store]") {
  StoreFixture store(AnyEngine());
  REQUIRE(Commit(*store, Put("counter", "0")).ok());
  constexpr int kThreads = 4, kIncrements = 50;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kIncrements;) {
        const auto entry = *Read(*store, "counter");
        const auto next = std::to_string(std::stoi(entry.value) + 1);
        const auto result = Commit(*store, Put("counter", next, Precondition::At(entry.modified)));
        if (result.ok())
          ++i;
        else if (!absl::IsAborted(result.status()))
          std::abort();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(Read(*store, "counter")->value == std::to_string(kThreads * kIncrements));
  CHECK(store->current() == Revision{1 + kThreads * kIncrements});
}

// Random transactions; after each the model says what must have happened, and now and then the store is reopened. At
// the end the log replayed gives the objects (I5), and the index equals what it is rebuilt to from the objects (I11).
TEST_CASE("Random transactions against a model, with restarts", "[store]") {
  const uint64_t seed = GENERATE(1u, 2u, 3u);
  CAPTURE(seed);
  StoreFixture store(AnyEngine());
  SeededRandom random(seed);
  std::map<std::string, Entry> model;
  uint64_t revision = 0;
  for (int round = 0; round < 150; ++round) {
    Transaction txn;
    std::map<std::string, std::optional<std::string>> changes;
    bool valid = true;
    for (uint64_t n = random.Below(4) + 1; n > 0; --n) {
      const std::string key = Key(absl::StrCat("k", random.Below(12)));
      if (changes.contains(key)) continue;
      const auto it = model.find(key);
      Op op{.key = key};
      switch (random.Below(8)) {
        case 0:
          op.precondition = Precondition::Absent();
          valid = valid && it == model.end();
          break;
        case 1:
          op.precondition = Precondition::Exists();
          valid = valid && it != model.end();
          break;
        case 2:
          op.precondition =
              Precondition::At({it == model.end() || random.Below(3) == 0 ? revision + 7 : it->second.modified.value});
          valid = valid && it != model.end() && it->second.modified == op.precondition.revision;
          break;
        default:
          break;
      }
      if (random.Below(3) == 0) {
        op.kind = Op::Kind::kDelete;
        changes[key] = std::nullopt;
        txn.index.push_back({.remove = true, .key = "by-key/" + key});
      } else {
        op.value = absl::StrCat(round, ".", n);
        op.keep_previous = random.Below(2) == 0;
        changes[key] = op.value;
        txn.index.push_back({.key = "by-key/" + key});
      }
      txn.ops.push_back(std::move(op));
    }
    const auto result = Commit(*store, std::move(txn));
    REQUIRE(result.ok() == valid);
    if (valid) {
      bool effect = false;
      for (const auto& [key, value] : changes) effect = effect || value || model.contains(key);
      revision += effect;
      CHECK(result->value == revision);
      for (const auto& [key, value] : changes) {
        if (!value) {
          model.erase(key);
          continue;
        }
        Entry& entry = model[key];
        if (entry.created.value == 0) entry.created = {revision};
        entry.value = *value;
        entry.modified = {revision};
      }
    }
    if (random.Below(40) == 0) store.Reopen();
  }

  std::map<std::string, std::string> want, objects, replayed;
  std::set<std::string> want_index, index;
  for (const auto& [key, entry] : model) {
    want[key] = absl::StrCat(entry.value, "@", entry.modified.value);
    want_index.insert("by-key/" + key);
  }
  const auto view = store->Snapshot();
  CHECK(view->revision() == Revision{revision});
  CHECK_OK(view->Scan({}, {}, [&](std::string_view key, std::string_view value, Revision modified) {
    objects[std::string(key)] = absl::StrCat(std::string(value), "@", modified.value);
    return true;
  }));
  CHECK_OK(view->ScanIndex({}, {}, [&](std::string_view key) { return index.insert(std::string(key)).second; }));
  CHECK(objects == want);
  CHECK(index == want_index);
  for (const auto& [key, entry] : model) {
    const auto got = view->Get(key);
    CHECK((*got)->created == entry.created);
  }

  SimLoop loop;
  std::unique_ptr<Follower> follower;
  loop.Post([&] { follower = store->Follow("", {0}); });
  loop.RunUntilIdle();
  Revision through{0};
  while (through < store->current()) {
    const auto batch = Await(loop, follower->Next(absl::ZeroDuration(), 7));
    REQUIRE(batch.ok());
    for (const EventPtr& event : batch->events) {
      CHECK(event->revision > through);
      const bool existed = replayed.contains(event->key);
      CHECK(existed == (event->kind != Event::Kind::kCreated));
      if (event->kind == Event::Kind::kDeleted) {
        replayed.erase(event->key);
      } else {
        replayed[event->key] = absl::StrCat(event->value, "@", event->revision.value);
      }
    }
    through = batch->through;
  }
  CHECK(replayed == want);
}

TEST_CASE("SplitKey, ScopeEnd", "[store]") {
  CHECK(SplitKey(Key("a//b")) == std::vector<std::string_view>{"a", "", "b"});
  CHECK(SplitKey("").empty());
  CHECK(SplitKey("open") == std::vector<std::string_view>{"open"});
  CHECK(ScopeEnd("").empty());
  CHECK(ScopeEnd(Key("a")) > Key("a/\xff"));
  CHECK(ScopeEnd(Key("a")) < Key("a0"));
}

}  // namespace
}  // namespace atoll::store
