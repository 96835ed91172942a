#include "shard/endpoints/flow/fair_queues.h"

#include <algorithm>

namespace atoll::endpoints {
namespace {

constexpr int kBitsPerCard = 7;
static_assert(1 << kBitsPerCard == FairQueues::kQueues);
static_assert(kBitsPerCard * FairQueues::kHand <= 64);

}  // namespace

std::array<int, FairQueues::kHand> FairQueues::Deal(uint64_t flow) {
  std::array<int, kHand> hand;
  for (int& card : hand) {
    card = static_cast<int>(flow % kQueues);
    flow >>= kBitsPerCard;
  }
  return hand;
}

bool FairQueues::Push(Item& item) {
  int chosen = -1;
  for (int card : Deal(item.flow)) {
    if (chosen < 0 || queues_[card].length < queues_[chosen].length) chosen = card;
  }
  Queue& queue = queues_[chosen];
  if (queue.length >= length_max_) return false;
  if (queue.length == 0) {
    // Who did not ask meanwhile has saved up nothing.
    queue.served = std::max(queue.served, now_);
    active_.push_back(chosen);
  }
  item.queue = chosen;
  item.waits = true;
  item.next = nullptr;
  item.previous = queue.last;
  (queue.last == nullptr ? queue.first : queue.last->next) = &item;
  queue.last = &item;
  ++queue.length;
  ++size_;
  return true;
}

void FairQueues::Remove(Item& item) {
  if (!item.waits) return;
  Queue& queue = queues_[item.queue];
  (item.previous == nullptr ? queue.first : item.previous->next) = item.next;
  (item.next == nullptr ? queue.last : item.next->previous) = item.previous;
  item.next = item.previous = nullptr;
  item.waits = false;
  --size_;
  if (--queue.length > 0) return;
  *std::find(active_.begin(), active_.end(), item.queue) = active_.back();
  active_.pop_back();
}

FairQueues::Item* FairQueues::Pop(absl::FunctionRef<bool(uint64_t flow)> may) {
  int best = -1;
  for (int index : active_) {
    if (best >= 0 && queues_[index].served >= queues_[best].served) continue;
    if (may(queues_[index].first->flow)) best = index;
  }
  if (best < 0) return nullptr;
  Queue& queue = queues_[best];
  now_ = std::max(now_, queue.served);
  queue.served += 1;
  Item* item = queue.first;
  Remove(*item);
  return item;
}

void FairQueues::Charge(int queue, double more) { queues_[queue].served += more; }

void FairQueues::ForEach(absl::FunctionRef<void(Item&)> visit) {
  for (Queue& queue : queues_) {
    for (Item* item = queue.first; item != nullptr;) {
      Item* next = item->next;
      visit(*item);
      item = next;
    }
  }
}

}  // namespace atoll::endpoints
