// Hot path: TryEnter and Leave run for every request.
#include "shard/endpoints/flow/gate.h"

#include <algorithm>
#include <utility>

namespace atoll::endpoints {
namespace {

constexpr absl::Duration kLateCheck = absl::Seconds(1);
// The system's share of all seats, and what is left for it at least.
constexpr int kSystemShare = 4, kSeatsMin = 2;
// A flow's part of its lane's seats. Enough to keep a group commit busy, few enough that who comes next waits for a
// batch or two.
constexpr int kFlowShare = 2, kFlowSeatsMin = 32;

void Count(std::atomic<int>& count, int by) {
  count.store(count.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
}
void Count(std::atomic<uint64_t>& count) {
  count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

}  // namespace

struct Gate::Waiter : FairQueues::Item {
  Waiter(Gate* gate, const Asked& a, Cancellation* peer) : gate(gate), asked(a), peer(peer) {
    flow = a.flow;
    on_cancel = peer->OnCancel([this] {
      if (decided) return;
      Settle();
      Decide(Verdict::kGone);
    });
  }
  ~Waiter() {
    peer->Forget(on_cancel);
    Settle();
  }
  // Out of the queue, if it is still there.
  void Settle() {
    if (!waits) return;
    Lane& lane = gate->lane(asked);
    lane.queues.Remove(*this);
    Count(lane.counts.waiting, -1);
    --gate->waiting_;
  }
  void Decide(Verdict v) {
    verdict = v;
    decided = true;
    wake.Set();
  }

  Gate* const gate;
  const Asked asked;
  Cancellation* const peer;
  uint64_t on_cancel = 0;
  absl::Duration since;
  Seat seat;
  Verdict verdict = Verdict::kGo;
  bool decided = false;
  WakeUp wake;
};

Gate::Seat& Gate::Seat::operator=(Seat&& other) noexcept {
  if (this == &other) return *this;
  Release();
  gate_ = std::move(other.gate_);
  asked_ = other.asked_;
  queue_ = other.queue_;
  cost_ = other.cost_;
  return *this;
}

void Gate::Seat::Release() {
  if (auto gate = std::exchange(gate_, nullptr)) gate->Leave(asked_, queue_, cost_);
}

Gate::Gate(Loop& loop, Options options)
    : loop_(loop),
      options_(options),
      lanes_{{{Lane(options.queue_length_max), Lane(options.queue_length_max)},
              {Lane(options.queue_length_max), Lane(options.queue_length_max)},
              {Lane(options.queue_length_max), Lane(options.queue_length_max)}}} {
  for (bool mutating : {false, true}) {
    const int all = mutating ? options.mutating : options.read_only;
    const int system = std::max(kSeatsMin, all / kSystemShare);
    for (auto [level, seats] :
         {std::pair{Level::kSystem, system}, {Level::kWorkload, std::max(kSeatsMin, all - system)}}) {
      Lane& lane = lanes_[static_cast<int>(level)][mutating];
      lane.seats = seats;
      lane.flow_max = std::max(seats / kFlowShare, std::min(kFlowSeatsMin, seats - seats / kSystemShare));
    }
  }
}

bool Gate::HasRoom(const Lane& lane, uint64_t flow) const {
  if (lane.seats == 0) return true;
  return lane.counts.executing.load(std::memory_order_relaxed) < lane.seats &&
         lane.by_flow[flow % kFlowBuckets] < lane.flow_max;
}

void Gate::Take(Lane& lane, const Asked& asked, int queue, Seat* seat) {
  Count(lane.counts.executing, 1);
  Count(lane.counts.dispatched);
  ++lane.by_flow[asked.flow % kFlowBuckets];
  seat->gate_ = shared_from_this();
  seat->asked_ = asked;
  seat->queue_ = queue;
  seat->cost_ = 0;
}

bool Gate::TryEnter(const Asked& asked, Seat* seat) {
  Lane& lane = this->lane(asked);
  if (waiting_ > 0 || begun_ >= kTurn || !HasRoom(lane, asked.flow)) return false;
  Take(lane, asked, -1, seat);
  Began();
  return true;
}

void Gate::Leave(const Asked& asked, int queue, double cost) {
  Lane& lane = this->lane(asked);
  Count(lane.counts.executing, -1);
  --lane.by_flow[asked.flow % kFlowBuckets];
  if (queue >= 0 && cost > 0) lane.queues.Charge(queue, cost);
  if (waiting_ > 0) PostTurn();
}

// Counts against the turn, which ends when the loop has been through what it had to do.
void Gate::Began() {
  ++begun_;
  PostTurn();
}

void Gate::PostTurn() {
  if (std::exchange(turn_posted_, true)) return;
  loop_.Post([self = shared_from_this()] { self->Turn(); });
}

void Gate::Turn() {
  turn_posted_ = false;
  begun_ = 0;
  while (waiting_ > 0 && begun_ < kTurn && ServeNext()) ++begun_;
  if (begun_ > 0) PostTurn();
}

bool Gate::ServeNext() {
  constexpr int kLanes = kLevels * 2;
  for (int i = 0; i < kLanes; ++i) {
    const int index = (next_lane_ + i) % kLanes;
    Lane& lane = lanes_[index / 2][index % 2];
    if (lane.queues.size() == 0) continue;
    FairQueues::Item* item = lane.queues.Pop([&](uint64_t flow) { return HasRoom(lane, flow); });
    if (item == nullptr) continue;
    Count(lane.counts.waiting, -1);
    --waiting_;
    auto& waiter = static_cast<Waiter&>(*item);
    Take(lane, waiter.asked, item->queue, &waiter.seat);
    waiter.Decide(Verdict::kGo);
    next_lane_ = index + 1;
    return true;
  }
  return false;
}

Task<Gate::Verdict> Gate::Wait(Asked asked, Cancellation* peer, Seat* seat) {
  Lane& lane = this->lane(asked);
  Waiter waiter(this, asked, peer);
  if (waiter.decided) co_return waiter.verdict;
  if (!lane.queues.Push(waiter)) {
    Count(lane.counts.full);
    co_return Verdict::kFull;
  }
  Count(lane.counts.waiting, 1);
  ++waiting_;
  waiter.since = loop_.clock().Monotonic();
  ArmTimer();
  if (begun_ < kTurn) PostTurn();
  while (!waiter.decided) co_await waiter.wake.Wait();
  if (waiter.verdict == Verdict::kGone) Count(lane.counts.gone);
  *seat = std::move(waiter.seat);
  co_return waiter.verdict;
}

void Gate::ArmTimer() {
  if (std::exchange(timer_armed_, true)) return;
  loop_.After(kLateCheck, [self = shared_from_this()] {
    self->timer_armed_ = false;
    self->DropLate();
    if (self->waiting_ > 0) self->ArmTimer();
  });
}

void Gate::DropLate() {
  const absl::Duration now = loop_.clock().Monotonic();
  for (auto& level : lanes_) {
    for (Lane& lane : level) {
      if (lane.queues.size() == 0) continue;
      lane.queues.ForEach([&](FairQueues::Item& item) {
        auto& waiter = static_cast<Waiter&>(item);
        if (now - waiter.since < options_.wait_max) return;
        waiter.Settle();
        Count(lane.counts.timed_out);
        waiter.Decide(Verdict::kTimedOut);
      });
    }
  }
}

}  // namespace atoll::endpoints
