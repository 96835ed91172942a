#include "shard/endpoints/deadline/deadline.h"

#include <catch2/catch.hpp>

#include "common/loop/sim/sim_loop.h"
#include "shard/endpoints/harness.h"

namespace atoll::endpoints {
namespace {

using testing::RecordingWriter;

struct Handled {
  explicit Handled(absl::Duration t) : takes(t) {}
  absl::Duration takes;
  bool streams = false;
  absl::Duration own;
  RecordingWriter out;
  absl::Status written;
  bool ended = false, expired = false;
};

Task<void> Handle(Loop* loop, Deadlines* deadlines, Handled* h) {
  const std::string audit_id = "a1";
  DeadlineWriter writer(h->out);
  deadlines->Watch(writer, audit_id, h->own);
  if (h->streams) (void)co_await writer.Start(200, {});
  co_await atoll::SleepFor(h->takes);
  h->written = h->streams ? co_await writer.Write("late", true) : co_await writer.Send(200, {}, "done");
  h->expired = writer.expired();
  co_await writer.Told();
  h->ended = true;
}

TEST_CASE("A request is answered in time or with 504", "[endpoints][deadline]") {
  struct Case {
    const char* name;
    absl::Duration takes, own;
    bool streams;
    int code;
  };
  const Case cases[] = {
      {"in time", absl::Seconds(59), absl::ZeroDuration(), false, 200},
      {"too late", absl::Seconds(61), absl::ZeroDuration(), false, 504},
      {"its own time", absl::Seconds(3), absl::Seconds(2), false, 504},
      {"in its own time", absl::Seconds(1), absl::Seconds(2), false, 200},
      {"no more than the usual", absl::Seconds(61), absl::Seconds(100), false, 504},
      {"a negative time is no wish", absl::Seconds(1), absl::Seconds(-1), false, 200},
      {"an answer under way is broken off", absl::Seconds(61), absl::ZeroDuration(), true, 200},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      SimLoop loop;
      auto deadlines = std::make_shared<Deadlines>(loop, absl::Seconds(60));
      Handled h(c.takes), other(absl::Seconds(1));
      h.own = c.own;
      h.streams = c.streams;
      loop.Spawn(Handle(&loop, deadlines.get(), &h));
      loop.Spawn(Handle(&loop, deadlines.get(), &other));
      loop.Advance(absl::Minutes(5));
      const bool late = c.code == 504 || c.streams;
      CHECK(h.ended);
      CHECK(h.expired == late);
      CHECK(h.out.answer.code == c.code);
      CHECK(absl::IsCancelled(h.written) == late);
      CHECK(other.out.answer.code == 200);
      if (c.code == 504) {
        CHECK(h.out.answer.Message() == "Timeout: request did not complete within the allotted timeout");
        CHECK(h.out.answer.headers.Get("audit-id") == "a1");
        CHECK(h.out.answer.headers.Get("content-type") == "text/plain; charset=utf-8");
      }
      if (c.streams) {
        CHECK(h.out.aborted);
        CHECK(h.out.answer.body.empty());
      }
    }
  }
}

TEST_CASE("Many requests, one timer: each expires at its own time", "[endpoints][deadline]") {
  SimLoop loop;
  auto deadlines = std::make_shared<Deadlines>(loop, absl::Seconds(60));
  Handled first(absl::Hours(1)), second(absl::Hours(1));
  loop.Spawn(Handle(&loop, deadlines.get(), &first));
  loop.Advance(absl::Seconds(30));
  loop.Spawn(Handle(&loop, deadlines.get(), &second));
  loop.Advance(absl::Seconds(31));
  CHECK(first.out.answer.code == 504);
  CHECK(second.out.answer.code == 0);
  loop.Advance(absl::Seconds(30));
  CHECK(second.out.answer.code == 504);
  loop.Advance(absl::Hours(2));
  CHECK(first.ended);
}

}  // namespace
}  // namespace atoll::endpoints
