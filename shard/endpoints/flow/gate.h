// Gate: how many requests a loop serves at once, and whose turn it is (spec/api-machinery.md 12.1). One a loop; what it
// holds is touched there only, but for the counts, which anybody may read.
//
// Two things are short. *Seats* bound the requests that are under way (--max-requests-inflight and
// --max-mutating-requests-inflight, shared out among the loops); a flow has at most a part of them, so that what it has
// under way in the store delays another flow by little. *Turns* are the loop's time: after kTurn requests it looks at
// its sockets again before it serves more, so that who asks seldom is read and served while others have thousands
// waiting. Without contention a request takes neither lock nor allocation here.
//
//   TryEnter ── a seat is free, the turn is not over, nobody waits ─────────────────────────► Seat
//   Wait     ── in fair order, while a seat and the turn allow ─────────────────────────────► Seat
//            ── the flow's queues are full ► kFull   ── wait_max ► kTimedOut   ── peer left ► kGone
//
// Levels share nothing but turns: kExempt (system:masters, probes) needs no seat and is never refused; kSystem
// (shards, front-proxies, operators) has a share of its own that tenants cannot take.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "absl/time/time.h"
#include "common/loop/loop.h"
#include "common/loop/sync.h"
#include "shard/endpoints/flow/fair_queues.h"

namespace atoll::endpoints {

enum class Level : uint8_t { kExempt, kSystem, kWorkload };
inline constexpr int kLevels = 3;

class Gate : public std::enable_shared_from_this<Gate> {
 public:
  static constexpr int kTurn = 16;

  struct Options {
    int read_only = 400, mutating = 200;  // this loop's share
    absl::Duration wait_max = absl::Seconds(15);
    size_t queue_length_max = 100;
  };
  struct Asked {
    Level level = Level::kWorkload;
    bool mutating = false;
    uint64_t flow = 0;
  };
  enum class Verdict : uint8_t { kGo, kFull, kTimedOut, kGone };

  // Where requests of one level and kind wait and sit. Counts are written by the loop, read by anybody.
  struct Counts {
    std::atomic<int> executing{0}, waiting{0};
    std::atomic<uint64_t> dispatched{0}, full{0}, timed_out{0}, gone{0};
  };

  // Gives its place back when it goes. A default one holds none. Must not outlive its loop's turn at destruction.
  class Seat {
   public:
    Seat() = default;
    Seat(Seat&& other) noexcept
        : gate_(std::move(other.gate_)), asked_(other.asked_), queue_(other.queue_), cost_(other.cost_) {}
    Seat& operator=(Seat&& other) noexcept;
    ~Seat() { Release(); }
    void Release();
    // What the request costs beyond an ordinary one; its flow's next ones come the later.
    void AddCost(double more) { cost_ += more; }
    bool held() const { return gate_ != nullptr; }

   private:
    friend class Gate;
    std::shared_ptr<Gate> gate_;
    Asked asked_;
    int queue_ = -1;  // it waited in; -1: it did not wait
    double cost_ = 0;
  };

  Gate(Loop& loop, Options options);

  // False: Wait.
  bool TryEnter(const Asked& asked, Seat* seat);
  Task<Verdict> Wait(Asked asked, Cancellation* peer, Seat* seat);

  const Counts& counts(Level level, bool mutating) const { return lanes_[static_cast<int>(level)][mutating].counts; }
  int seats(Level level, bool mutating) const { return lanes_[static_cast<int>(level)][mutating].seats; }

 private:
  static constexpr int kFlowBuckets = 256;

  struct Lane {
    explicit Lane(size_t queue_length_max) : queues(queue_length_max) {}
    FairQueues queues;
    int seats = 0;     // 0: without bound
    int flow_max = 0;  // of them for flows with one hash
    std::array<uint16_t, kFlowBuckets> by_flow{};
    Counts counts;
  };
  struct Waiter;

  bool HasRoom(const Lane& lane, uint64_t flow) const;
  void Take(Lane& lane, const Asked& asked, int queue, Seat* seat);
  void Leave(const Asked& asked, int queue, double cost);
  void Began();
  void PostTurn();
  void Turn();
  bool ServeNext();
  void ArmTimer();
  void DropLate();
  Lane& lane(const Asked& asked) { return lanes_[static_cast<int>(asked.level)][asked.mutating]; }

  Loop& loop_;
  const Options options_;
  std::array<std::array<Lane, 2>, kLevels> lanes_;
  int waiting_ = 0;    // in all lanes
  int begun_ = 0;      // in this turn
  int next_lane_ = 0;  // where the search for the next begins
  bool turn_posted_ = false, timer_armed_ = false;
};

}  // namespace atoll::endpoints
