// W1-W6 on both engines, and one case for each shape of watch incident that etcd's users have met.
#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/store/store_testing.h"

namespace atoll::store {
namespace {

using testing::Await;
using testing::Check;
using testing::Commit;
using testing::Delete;
using testing::Key;
using testing::Put;
using testing::StoreFixture;

// A loop with followers on a store; both engines.
struct Watch {
  explicit Watch(StoreOptions options = {})
      : fixture(GENERATE(as<std::string>(), "rocksdb", "memory"), WithClock(options, &clock)), store(*fixture) {}

  static StoreOptions WithClock(StoreOptions options, const Clock* clock) {
    options.clock = clock;
    return options;
  }

  std::unique_ptr<Follower> Follow(std::string_view scope, Revision after) {
    std::unique_ptr<Follower> follower;
    loop.Post([&] { follower = (*fixture).Follow(scope.empty() ? std::string() : Key(scope), after); });
    loop.RunUntilIdle();
    return follower;
  }
  absl::StatusOr<Batch> Next(Follower& follower, size_t events_max = 256) {
    return Await(loop, follower.Next(absl::InfiniteDuration(), events_max));
  }
  // What is there now, without waiting.
  absl::StatusOr<Batch> Poll(Follower& follower, size_t events_max = 256) {
    return Await(loop, follower.Next(absl::ZeroDuration(), events_max));
  }
  // The sequencer trims after it has acknowledged; a transaction without effect goes through after that.
  void LetTrim() { REQUIRE(Commit(store, testing::Txn()).ok()); }
  // Polls until it is empty.
  std::vector<std::string> Drain(Follower& follower) {
    std::vector<std::string> seen;
    while (true) {
      const auto batch = Poll(follower);
      if (!batch.ok()) return {std::string(absl::StatusCodeToString(batch.status().code()))};
      if (batch->events.empty() && batch->through >= (*fixture).current()) return seen;
      for (const EventPtr& event : batch->events) seen.push_back(Text(*event));
    }
  }
  static std::string Text(const Event& event) {
    std::vector<std::string> components;
    for (auto c : SplitKey(event.key)) components.emplace_back(c);
    return absl::StrCat(event.revision.value,
                        event.kind == Event::Kind::kDeleted   ? "-"
                        : event.kind == Event::Kind::kCreated ? "+"
                                                              : "~",
                        absl::StrJoin(components, "/"), "=", event.value);
  }

  ManualClock clock;
  SimLoop loop;
  StoreFixture fixture;
  Store& store;
};
using Texts = std::vector<std::string>;

StoreOptions SmallRing() {
  StoreOptions options;
  options.ring_bytes_max = 1;  // only the newest group
  return options;
}

// The log keeps about the last ten small events.
StoreOptions SmallLog() {
  StoreOptions options = SmallRing();
  options.log_bytes_max = 10 * 40;
  return options;
}

TEST_CASE("W1: a follower sees each matching event once, in revision order", "[store][watch]") {
  Watch w;
  auto all = w.Follow("", {0});
  auto a = w.Follow("maps/a", {0});
  auto one = w.Follow("maps/a/x", {0});
  REQUIRE(Commit(w.store, Put("maps/a/x", "1"), Put("maps/b/x", "1")).ok());
  REQUIRE(Commit(w.store, Put("maps/a/x", "2")).ok());
  REQUIRE(Commit(w.store, Put("maps/a/xx", "1"), Delete("maps/a/x")).ok());
  REQUIRE(Commit(w.store, Put("mapsa", "1")).ok());
  CHECK(w.Drain(*all) ==
        Texts{"1+maps/a/x=1", "1+maps/b/x=1", "2~maps/a/x=2", "3+maps/a/xx=1", "3-maps/a/x=2", "4+mapsa=1"});
  CHECK(w.Drain(*a) == Texts{"1+maps/a/x=1", "2~maps/a/x=2", "3+maps/a/xx=1", "3-maps/a/x=2"});
  CHECK(w.Drain(*one) == Texts{"1+maps/a/x=1", "2~maps/a/x=2", "3-maps/a/x=2"});
  CHECK(w.Drain(*all).empty());
}

TEST_CASE("W1: a key is written once in a transaction, so no revision shows it twice", "[store][watch]") {
  Watch w;
  auto all = w.Follow("", {0});
  const auto twice = Commit(w.store, Put("a", "1"), Put("b", "1"), Delete("a"));
  CHECK(absl::IsInvalidArgument(twice.status()));
  CHECK(FailedOp(twice.status()) == 2);
  CHECK(w.store.current() == Revision{0});
  // Checking a key beside writing it is no second write.
  CHECK(Commit(w.store, Check("a", Precondition::Absent()), Put("a", "1")).ok());
  CHECK(w.Drain(*all) == Texts{"1+a=1"});
}

TEST_CASE("W1: a transaction is never cut", "[store][watch]") {
  Watch w(GENERATE(false, true) ? SmallRing() : StoreOptions());
  for (int i = 0; i < 3; ++i) {
    REQUIRE(
        Commit(w.store, Put(absl::StrCat("a", i), "1"), Put(absl::StrCat("b", i), "1"), Put(absl::StrCat("c", i), "1"))
            .ok());
  }
  auto all = w.Follow("", {0});
  for (uint64_t revision = 1; revision <= 3; ++revision) {
    const auto batch = w.Poll(*all, 2);
    REQUIRE(batch.ok());
    CHECK(batch->events.size() == 3);
    CHECK(batch->through == Revision{revision});
  }
}

TEST_CASE("W2: who has seen an event reads its effect, who has seen an acknowledgement finds the event",
          "[store][watch]") {
  Watch w;
  auto all = w.Follow("", {0});
  auto own = w.Follow("", {0});
  struct Writer {
    static Task<void> Run(Store* store, Follower* follower, int* acknowledged) {
      for (int i = 1; i <= 20; ++i) {
        const auto revision = co_await store->Commit(testing::Txn(Put("a", std::to_string(i))));
        CHECK(revision.ok());
        CHECK(store->current() >= *revision);
        const auto batch = co_await follower->Next(absl::ZeroDuration());
        CHECK(batch.ok());
        CHECK(batch->through >= *revision);
        *acknowledged = i;
      }
    }
  };
  int acknowledged = 0;
  w.loop.Spawn(Writer::Run(&w.store, own.get(), &acknowledged));
  for (int seen = 0; seen < 20;) {
    const auto batch = w.Next(*all);
    REQUIRE(batch.ok());
    REQUIRE_FALSE(batch->events.empty());
    const Event& newest = *batch->events.back();
    seen = std::stoi(newest.value);
    const auto entry = Await(w.loop, w.store.Get(Key("a")));
    REQUIRE(entry.ok());
    REQUIRE(entry->has_value());
    CHECK((*entry)->modified >= newest.revision);
  }
  w.loop.RunWithThreads([&] { return acknowledged == 20; });
}

TEST_CASE("W3: a bookmark never overtakes the stream", "[store][watch]") {
  Watch w(GENERATE(false, true) ? SmallRing() : StoreOptions());
  auto a = w.Follow("a", {0});
  auto quiet = w.Follow("quiet", {0});
  for (int i = 1; i <= 40; ++i) REQUIRE(Commit(w.store, Put(i % 2 == 0 ? "a/x" : "b/x", std::to_string(i))).ok());
  // Whatever a batch says it is through, all matching events up to there have been returned, and none comes later.
  uint64_t events = 0;
  Revision through{0};
  while (through < w.store.current()) {
    const auto batch = w.Poll(*a, 3);
    REQUIRE(batch.ok());
    for (const EventPtr& event : batch->events) {
      CHECK(event->revision > through);
      CHECK(event->revision <= batch->through);
      ++events;
    }
    through = batch->through;
    CHECK(events == through.value / 2);
  }
  // A scope without events gets bookmarks, too.
  const auto idle = w.Poll(*quiet);
  REQUIRE(idle.ok());
  CHECK(idle->events.empty());
  CHECK(idle->through == w.store.current());
}

TEST_CASE("W3: the time-out of a waiting follower bookmarks what its hub has seen", "[store][watch]") {
  Watch w;
  auto quiet = w.Follow("quiet", {0});
  std::optional<absl::StatusOr<Batch>> batch;
  struct Wait {
    static Task<void> Run(Follower* follower, std::optional<absl::StatusOr<Batch>>* batch) {
      batch->emplace(co_await follower->Next(absl::Seconds(60)));
    }
  };
  w.loop.Spawn(Wait::Run(quiet.get(), &batch));
  w.loop.RunUntilIdle();
  REQUIRE(Commit(w.store, Put("a", "1")).ok());
  w.loop.RunUntilIdle();
  CHECK_FALSE(batch.has_value());
  w.loop.Advance(absl::Seconds(61));
  REQUIRE(batch.has_value());
  REQUIRE(batch->ok());
  CHECK((*batch)->events.empty());
  CHECK((*batch)->through == Revision{1});
  // Wake() does the same at once.
  batch.reset();
  w.loop.Spawn(Wait::Run(quiet.get(), &batch));
  w.loop.Post([&] { quiet->Wake(); });
  w.loop.RunUntilIdle();
  REQUIRE(batch.has_value());
  CHECK((*batch)->events.empty());
}

TEST_CASE("W4: a start in the future waits and skips what comes before it", "[store][watch]") {
  Watch w;
  REQUIRE(Commit(w.store, Put("a", "1")).ok());
  auto future = w.Follow("", {3});
  CHECK(w.Poll(*future)->through == Revision{3});  // the promise is about revisions after the start
  for (int i = 2; i <= 5; ++i) REQUIRE(Commit(w.store, Put("a", std::to_string(i))).ok());
  CHECK(w.Drain(*future) == Texts{"4~a=4", "5~a=5"});
  auto far = w.Follow("", {UINT64_MAX});
  CHECK(w.Poll(*far)->events.empty());
}

TEST_CASE("W4: a start before the trimmed log is refused, never shortened", "[store][watch]") {
  Watch w(SmallLog());
  for (int i = 1; i <= 50; ++i) REQUIRE(Commit(w.store, Put("a", std::to_string(i))).ok());
  w.LetTrim();
  const Revision oldest = w.store.oldest_in_log();
  REQUIRE(oldest > Revision{30});
  REQUIRE(oldest < Revision{50});
  for (const Revision after : {Revision{0}, Revision{1}, Revision{oldest.value - 2}}) {
    auto late = w.Follow("", after);
    CHECK(absl::IsOutOfRange(w.Poll(*late).status()));
    CHECK(absl::IsOutOfRange(w.Poll(*late).status()));  // and stays refused
  }
  auto edge = w.Follow("", {oldest.value - 1});
  CHECK(w.Drain(*edge).size() == 50 - oldest.value + 1);

  // The same after a restart: what was trimmed stays trimmed.
  edge.reset();
  w.fixture.Reopen();
  CHECK(w.fixture->oldest_in_log() == oldest);
  auto late = w.Follow("", {oldest.value - 2});
  CHECK(absl::IsOutOfRange(w.Poll(*late).status()));
  late.reset();
  auto again = w.Follow("", {oldest.value - 1});
  CHECK(w.Drain(*again).size() == 50 - oldest.value + 1);
}

TEST_CASE("Incident: the log is trimmed under a watch that lags", "[store][watch]") {
  Watch w(SmallLog());
  auto slow = w.Follow("", {0});
  REQUIRE(Commit(w.store, Put("a", "1")).ok());
  REQUIRE(Commit(w.store, Put("a", "2")).ok());
  CHECK(w.Poll(*slow, 1)->events.size() == 1);
  for (int i = 3; i <= 50; ++i) REQUIRE(Commit(w.store, Put("a", std::to_string(i))).ok());
  w.LetTrim();
  // Its next event is gone from the ring and from the log: an error, not a gap.
  CHECK(w.Drain(*slow) == Texts{std::string(absl::StatusCodeToString(absl::StatusCode::kOutOfRange))});
}

TEST_CASE("Incident: a watch that is idle while the log is trimmed goes on", "[store][watch]") {
  Watch w(SmallLog());
  auto idle = w.Follow("rare", {0});
  CHECK(w.Poll(*idle)->events.empty());
  for (int i = 1; i <= 50; ++i) {
    REQUIRE(Commit(w.store, Put("a", std::to_string(i))).ok());
    w.loop.RunUntilIdle();
  }
  w.LetTrim();
  REQUIRE(w.store.oldest_in_log() > Revision{30});
  REQUIRE(Commit(w.store, Put("rare/x", "1")).ok());
  CHECK(w.Drain(*idle) == Texts{"51+rare/x=1"});
}

TEST_CASE("Incident: a delete at the edge of the trimmed log", "[store][watch]") {
  Watch w(SmallLog());
  REQUIRE(Commit(w.store, Put("victim", "v")).ok());
  REQUIRE(Commit(w.store, Delete("victim")).ok());
  // Trim so that the log starts exactly at, and then right after, the delete.
  while (w.store.oldest_in_log() <= Revision{2}) {
    auto from_delete = w.Follow("victim", {1});
    const bool trimmed = w.store.oldest_in_log() > Revision{2};
    if (!trimmed) CHECK(w.Drain(*from_delete) == Texts{"2-victim=v"});
    REQUIRE(Commit(w.store, Put("a", "1")).ok());
    w.LetTrim();
  }
  auto before = w.Follow("victim", {1});
  CHECK(absl::IsOutOfRange(w.Poll(*before).status()));
  CHECK_FALSE(testing::Read(w.store, "victim").has_value());
}

TEST_CASE("Incident: a restart resumes each stream without gap or repetition", "[store][watch]") {
  Watch w(GENERATE(false, true) ? SmallRing() : StoreOptions());
  const std::string id = w.store.id();
  for (int i = 1; i <= 10; ++i) REQUIRE(Commit(w.store, Put("a", std::to_string(i))).ok());
  auto follower = w.Follow("", {0});
  const auto before = w.Poll(*follower, 4);
  REQUIRE(before.ok());
  REQUIRE(before->through == Revision{4});
  follower.reset();
  w.fixture.Reopen();
  CHECK(w.fixture->id() == id);
  CHECK(w.fixture->current() == Revision{10});
  auto resumed = w.Follow("", before->through);
  REQUIRE(*Commit(*w.fixture, Put("a", "11")) == Revision{11});
  CHECK(w.Drain(*resumed) == Texts{"5~a=5", "6~a=6", "7~a=7", "8~a=8", "9~a=9", "10~a=10", "11~a=11"});
}

TEST_CASE("W5: a stopped follower slows nobody and costs nothing", "[store][watch]") {
  Watch w(SmallRing());
  auto stopped = w.Follow("", {0});
  auto fast = w.Follow("", {0});
  for (int i = 1; i <= 200; ++i) {
    REQUIRE(Commit(w.store, Put("a", std::to_string(i))).ok());
    const auto batch = w.Next(*fast);
    REQUIRE(batch.ok());
    REQUIRE(batch->events.size() == 1);
    CHECK(batch->through == Revision{static_cast<uint64_t>(i)});
  }
  CHECK(w.store.stats().ring_events == 1);
  CHECK(w.Drain(*stopped).size() == 200);  // from the log
}

TEST_CASE("W5: a loop that does not run for long misses nothing", "[store][watch]") {
  Watch w(SmallRing());
  auto follower = w.Follow("a", {0});
  auto other = w.Follow("b", {0});
  for (int i = 1; i <= 100; ++i)
    REQUIRE(Commit(w.store, Put("a/x", std::to_string(i))).ok());  // the loop stands: its mailbox overflows
  CHECK(w.Drain(*follower).size() == 100);
  CHECK(w.Drain(*other).empty());
}

TEST_CASE("W6: an update carries the previous value when its writer asked for it", "[store][watch]") {
  // Whether the object stopped matching is the caller's to judge; the event has both sides and the new revision.
  Watch w(GENERATE(false, true) ? SmallRing() : StoreOptions());
  Op update = Put("a", "label=2");
  update.keep_previous = true;
  REQUIRE(Commit(w.store, Put("a", "label=1")).ok());
  REQUIRE(Commit(w.store, update).ok());
  REQUIRE(Commit(w.store, Put("a", "label=3")).ok());
  REQUIRE(Commit(w.store, Delete("a")).ok());
  auto all = w.Follow("", {0});
  std::vector<EventPtr> events;
  while (events.size() < 4) {
    const auto batch = w.Poll(*all);
    REQUIRE(batch.ok());
    events.insert(events.end(), batch->events.begin(), batch->events.end());
  }
  CHECK_FALSE(events[0]->previous.has_value());
  CHECK(events[1]->previous == "label=1");
  CHECK(events[1]->previous_modified == Revision{1});
  CHECK(events[1]->created == Revision{1});
  CHECK_FALSE(events[2]->previous.has_value());
  CHECK(events[3]->value == "label=3");
  CHECK(events[3]->previous_modified == Revision{3});
  CHECK(events[3]->revision == Revision{4});
}

TEST_CASE("Followers end with Cancelled when the store stops", "[store][watch]") {
  Watch w;
  auto follower = w.Follow("", {0});
  std::optional<absl::StatusOr<Batch>> batch;
  std::optional<absl::Status> waited;
  struct Wait {
    static Task<void> Run(Follower* follower, std::optional<absl::StatusOr<Batch>>* batch) {
      batch->emplace(co_await follower->Next(absl::InfiniteDuration()));
    }
    static Task<void> For(Store* store, std::optional<absl::Status>* status) {
      status->emplace(co_await store->WaitFor({7}, absl::InfiniteDuration()));
    }
  };
  w.loop.Spawn(Wait::Run(follower.get(), &batch));
  w.loop.Spawn(Wait::For(&w.store, &waited));
  w.loop.RunUntilIdle();
  w.store.Stop();
  w.loop.RunUntilIdle();
  REQUIRE(batch.has_value());
  CHECK(absl::IsCancelled(batch->status()));
  REQUIRE(waited.has_value());
  CHECK(absl::IsCancelled(*waited));
  CHECK(absl::IsUnavailable(Commit(w.store, Put("a", "1")).status()));
  // A follower outlives its store.
  w.fixture.Close();
  CHECK(absl::IsCancelled(w.Poll(*follower).status()));
}

TEST_CASE("WaitFor resumes at its revision and times out before it", "[store][watch]") {
  Watch w;
  CHECK(Await(w.loop, w.store.WaitFor({0}, absl::ZeroDuration())).ok());
  CHECK(absl::IsDeadlineExceeded(Await(w.loop, w.store.WaitFor({1}, absl::ZeroDuration()))));
  std::optional<absl::Status> waited;
  struct Wait {
    static Task<void> For(Store* store, std::optional<absl::Status>* status) {
      status->emplace(co_await store->WaitFor({2}, absl::Hours(1)));
    }
  };
  w.loop.Spawn(Wait::For(&w.store, &waited));
  w.loop.RunUntilIdle();
  REQUIRE(Commit(w.store, Put("a", "1")).ok());
  w.loop.RunUntilIdle();
  CHECK_FALSE(waited.has_value());
  REQUIRE(Commit(w.store, Put("a", "2")).ok());
  w.loop.RunWithThreads([&] { return waited.has_value(); });
  CHECK(waited->ok());
  CHECK(w.store.stats().followers == 0);
}

TEST_CASE("The log is trimmed by age", "[store][watch]") {
  Watch w;
  REQUIRE(Commit(w.store, Put("a", "1")).ok());
  w.clock.Advance(absl::Minutes(30));
  REQUIRE(Commit(w.store, Put("a", "2")).ok());
  w.clock.Advance(absl::Minutes(31));
  REQUIRE(Commit(w.store, Put("a", "3")).ok());
  w.clock.Advance(absl::Minutes(31));
  REQUIRE(Commit(w.store, Put("a", "4")).ok());
  w.LetTrim();
  CHECK(w.store.oldest_in_log() == Revision{3});
}

}  // namespace
}  // namespace atoll::store
