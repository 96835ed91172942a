// FairQueues: who is served next when more ask than can be served. A fixed number of bounded queues; each flow (a user
// in a logical cluster) is dealt a hand of them by its hash and waits in the shortest, so that a flow that fills its
// hand seldom fills another's (shuffle sharding, KEP-1040). Among queues the one that has had the least so far goes
// first (start-time fair queueing), so a flow that asks seldom is served at once, however long the others wait.
//
// There is no state per flow. Bound: kQueues * length_max items; beyond a hand's share Push refuses. Pure; one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/functional/function_ref.h"

namespace atoll::endpoints {

class FairQueues {
 public:
  static constexpr int kQueues = 128;
  static constexpr int kHand = 6;

  // Waits in at most one queue; must be removed before it goes.
  struct Item {
    uint64_t flow = 0;
    Item* next = nullptr;
    Item* previous = nullptr;
    int queue = -1;  // while it waits, and afterwards the one it waited in
    bool waits = false;
  };

  explicit FairQueues(size_t length_max) : length_max_(length_max) {}

  // False: all queues of the flow's hand are full.
  bool Push(Item& item);
  void Remove(Item& item);
  // Takes out what comes next, of the queues whose first item's flow `may` be served now; null when there is none.
  Item* Pop(absl::FunctionRef<bool(uint64_t flow)> may);
  // What an item turned out to cost, in units of an ordinary one, which Pop has charged already.
  void Charge(int queue, double more);
  void ForEach(absl::FunctionRef<void(Item&)> visit);  // which may remove its item
  size_t size() const { return size_; }

  // The queues that a flow may wait in; some may be the same.
  static std::array<int, kHand> Deal(uint64_t flow);

 private:
  struct Queue {
    Item* first = nullptr;
    Item* last = nullptr;
    size_t length = 0;
    double served = 0;  // virtual time at which the queue's next item starts
  };

  const size_t length_max_;
  std::array<Queue, kQueues> queues_{};
  std::vector<int> active_;  // queues that hold something
  double now_ = 0;           // virtual time: the start of what was served last
  size_t size_ = 0;
};

}  // namespace atoll::endpoints
