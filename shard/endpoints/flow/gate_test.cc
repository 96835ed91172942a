#include "shard/endpoints/flow/gate.h"

#include <catch2/catch.hpp>
#include <deque>
#include <string>
#include <vector>

#include "common/auth/user.h"
#include "common/loop/sim/sim_loop.h"
#include "shard/endpoints/flow/flow_control.h"

namespace atoll::endpoints {
namespace {

using Verdict = Gate::Verdict;

constexpr uint64_t kElephant = 0x0810204081, kMouse = kElephant * 2;

// One request: what became of it, and its seat for as long as the test wants.
struct Request {
  Gate::Asked asked;
  bool ended = false;
  Verdict verdict = Verdict::kGo;
  Cancellation peer;
  Gate::Seat seat;
  bool in() const { return ended && verdict == Verdict::kGo; }
};

Task<void> Enter(Gate* gate, Request* r) {
  if (!gate->TryEnter(r->asked, &r->seat)) r->verdict = co_await gate->Wait(r->asked, &r->peer, &r->seat);
  r->ended = true;
}

struct World {
  explicit World(Gate::Options options = {}) : gate(std::make_shared<Gate>(loop, options)) {}
  Request& Ask(Gate::Asked asked) {
    Request& r = requests.emplace_back();
    r.asked = asked;
    loop.Spawn(Enter(gate.get(), &r));
    return r;
  }
  void Release(Request& r) {
    loop.Post([&r] { r.seat.Release(); });
    loop.RunUntilIdle();
  }
  const Gate::Counts& workload(bool mutating = false) { return gate->counts(Level::kWorkload, mutating); }
  ~World() {
    for (Request& r : requests) Release(r);
  }

  SimLoop loop;
  std::shared_ptr<Gate> gate;
  std::deque<Request> requests;
};

TEST_CASE("A turn is short: others' requests come in between", "[endpoints][flow]") {
  World w({.read_only = 4000});
  std::vector<Request*> flood;
  for (int i = 0; i < 100; ++i) flood.push_back(&w.Ask({.flow = kElephant}));
  // The order in which the loop would do it: a request of somebody else has been read when the first turn ends.
  Request* rare = nullptr;
  w.loop.Post([&] { rare = &w.Ask({.flow = kMouse}); });
  int before = 0;
  w.loop.Post([&] {
    for (Request* r : flood) before += r->ended;
  });
  while (rare == nullptr || !rare->ended) REQUIRE(w.loop.RunUntilIdle());
  CHECK(before <= Gate::kTurn);
  w.loop.RunUntilIdle();
  for (Request* r : flood) CHECK(r->in());
  CHECK(w.workload().waiting == 0);
  CHECK(w.workload().executing == 101);
}

TEST_CASE("Seats: a flow has its part, the next in fair order takes what gets free", "[endpoints][flow]") {
  World w({.mutating = 100});  // 25 are the system's; of 75 a flow has 37
  const Gate::Asked elephant{.mutating = true, .flow = kElephant}, mouse{.mutating = true, .flow = kMouse};
  std::vector<Request*> flood;
  for (int i = 0; i < 60; ++i) flood.push_back(&w.Ask(elephant));
  w.loop.RunUntilIdle();
  CHECK(w.workload(true).executing == 37);
  CHECK(w.workload(true).waiting == 23);
  Request& rare = w.Ask(mouse);
  w.loop.RunUntilIdle();
  CHECK(rare.in());  // there is room for others
  w.Release(*flood[0]);
  CHECK(w.workload(true).executing == 38);
  CHECK(w.workload(true).waiting == 22);
}

TEST_CASE("Without seats: the exempt and the system still get in", "[endpoints][flow]") {
  World w({.read_only = 8, .queue_length_max = 2});  // two are the system's
  int in = 0, full = 0;
  std::vector<Request*> flood;
  for (uint64_t i = 0; i < 40; ++i) flood.push_back(&w.Ask({.flow = kElephant}));
  w.loop.RunUntilIdle();
  for (Request* r : flood) {
    in += r->in();
    full += r->ended && r->verdict == Verdict::kFull;
  }
  CHECK(in == 5);     // of six seats one flow has five
  CHECK(full == 33);  // the flow's one queue holds two
  CHECK(w.workload().full == 33);
  Request& master = w.Ask({.level = Level::kExempt, .flow = kElephant});
  Request& system = w.Ask({.level = Level::kSystem, .flow = kElephant});
  w.loop.RunUntilIdle();
  CHECK(master.in());
  CHECK(system.in());
}

TEST_CASE("Waiting ends: in time, or when the peer leaves", "[endpoints][flow]") {
  World w({.read_only = 4, .wait_max = absl::Seconds(15)});
  Request* held = nullptr;
  for (int i = 0; i < 2; ++i) held = &w.Ask({.flow = kElephant});
  Request& late = w.Ask({.flow = kElephant});
  Request& gone = w.Ask({.flow = kElephant});
  w.loop.RunUntilIdle();
  CHECK(w.workload().waiting == 2);
  w.loop.Post([&] { gone.peer.Cancel(); });
  w.loop.RunUntilIdle();
  CHECK(gone.ended);
  CHECK(gone.verdict == Verdict::kGone);
  w.loop.Advance(absl::Seconds(14));
  CHECK(!late.ended);
  w.loop.Advance(absl::Seconds(2));
  CHECK(late.ended);
  CHECK(late.verdict == Verdict::kTimedOut);
  CHECK(w.workload().waiting == 0);
  w.Release(*held);
  CHECK(w.workload().executing == 1);
  Request& next = w.Ask({.flow = kElephant});
  w.loop.RunUntilIdle();
  CHECK(next.in());
}

TEST_CASE("Levels and flows of users", "[endpoints][flow]") {
  struct Case {
    std::vector<std::string> groups;
    Level level;
  };
  for (const Case& c : std::vector<Case>{{{"system:masters"}, Level::kExempt},
                                         {{"system:kcp:admin"}, Level::kSystem},
                                         {{"system:authenticated", "system:serviceaccounts"}, Level::kWorkload},
                                         {{}, Level::kWorkload}}) {
    CHECK(FlowControl::LevelOf({.name = "u", .groups = c.groups}) == c.level);
  }
  const registry::ClusterScope a{.id = LogicalClusterId("aa")}, b{.id = LogicalClusterId("bb")}, all{.wildcard = true};
  const auth::User u{.name = "u"}, v{.name = "v"};
  CHECK(FlowControl::FlowOf(a, u) == FlowControl::FlowOf(a, u));
  CHECK(FlowControl::FlowOf(a, u) != FlowControl::FlowOf(a, v));
  CHECK(FlowControl::FlowOf(a, u) != FlowControl::FlowOf(b, u));
  CHECK(FlowControl::FlowOf(all, u) != FlowControl::FlowOf({}, u));
}

}  // namespace
}  // namespace atoll::endpoints
