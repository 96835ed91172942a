#include "shard/endpoints/flow/fair_queues.h"

#include <catch2/catch.hpp>
#include <deque>
#include <map>
#include <set>

namespace atoll::endpoints {
namespace {

using Item = FairQueues::Item;

bool Always(uint64_t) { return true; }

// Flows whose hands have no queue in common.
constexpr uint64_t kElephant = 0x0810204081;  // 1, 1, 1, ...
constexpr uint64_t kMouse = kElephant * 2;

TEST_CASE("A hand is a flow's own and within the queues", "[endpoints][flow]") {
  for (uint64_t flow : {uint64_t{0}, kElephant, kMouse, ~uint64_t{0}, uint64_t{0x123456789abcdef}}) {
    auto hand = FairQueues::Deal(flow);
    CHECK(hand == FairQueues::Deal(flow));
    for (int card : hand) CHECK((card >= 0 && card < FairQueues::kQueues));
  }
}

TEST_CASE("Who asks seldom comes before who waits with many", "[endpoints][flow]") {
  FairQueues queues(50);
  std::deque<Item> flood(40), rare(1);
  for (Item& i : flood) {
    i.flow = kElephant;
    REQUIRE(queues.Push(i));
  }
  for (int n = 0; n < 10; ++n) CHECK(queues.Pop(Always) != nullptr);
  rare[0].flow = kMouse;
  REQUIRE(queues.Push(rare[0]));
  // It has had nothing, and is not made to pay for what it did not ask.
  std::set<Item*> next;
  for (int n = 0; n < 2; ++n) next.insert(queues.Pop(Always));
  CHECK(next.contains(&rare[0]));
  CHECK(queues.size() == 29);
  while (queues.Pop(Always) != nullptr) {
  }
  CHECK(queues.size() == 0);
}

TEST_CASE("Between two that always ask, each has half; a dear one has less", "[endpoints][flow]") {
  for (double more : {0.0, 3.0}) {
    DYNAMIC_SECTION("costs " << 1 + more) {
      FairQueues queues(1000);
      std::deque<Item> items(1000);
      for (size_t i = 0; i < items.size(); ++i) {
        items[i].flow = i % 2 == 0 ? kElephant : kMouse;
        REQUIRE(queues.Push(items[i]));
      }
      std::map<uint64_t, int> served;
      for (int n = 0; n < 500; ++n) {
        Item* item = queues.Pop(Always);
        ++served[item->flow];
        if (item->flow == kElephant) queues.Charge(item->queue, more);
      }
      CHECK(served[kMouse] >= 500 * (1 + more) / (2 + more) - 2);
      CHECK(served[kMouse] <= 500 * (1 + more) / (2 + more) + 2);
      queues.ForEach([&](Item& i) { queues.Remove(i); });
    }
  }
}

TEST_CASE("Nobody saves up turns by not asking", "[endpoints][flow]") {
  FairQueues queues(1000);
  std::deque<Item> items(500);
  for (size_t i = 0; i < 400; ++i) {
    items[i].flow = kElephant;
    REQUIRE(queues.Push(items[i]));
  }
  for (int n = 0; n < 200; ++n) queues.Pop(Always);
  for (size_t i = 400; i < 500; ++i) {
    items[i].flow = kMouse;
    REQUIRE(queues.Push(items[i]));
  }
  int mouse = 0;
  for (int n = 0; n < 20; ++n) mouse += queues.Pop(Always)->flow == kMouse;
  CHECK(mouse <= 11);
  CHECK(mouse >= 9);
  queues.ForEach([&](Item& i) { queues.Remove(i); });
}

TEST_CASE("A full hand refuses, others do not notice", "[endpoints][flow]") {
  FairQueues queues(5);
  std::deque<Item> flood(6), other(1);
  for (size_t i = 0; i < 5; ++i) {
    flood[i].flow = kElephant;  // all cards of this hand are the same queue
    REQUIRE(queues.Push(flood[i]));
  }
  flood[5].flow = kElephant;
  CHECK(!queues.Push(flood[5]));
  other[0].flow = kMouse;
  CHECK(queues.Push(other[0]));
  // From the middle.
  queues.Remove(flood[2]);
  CHECK(queues.Push(flood[5]));
  std::vector<Item*> order;
  while (Item* i = queues.Pop([](uint64_t flow) { return flow == kElephant; })) order.push_back(i);
  CHECK(order == std::vector<Item*>{&flood[0], &flood[1], &flood[3], &flood[4], &flood[5]});
  CHECK(queues.size() == 1);
  queues.Remove(other[0]);
  CHECK(queues.size() == 0);
}

}  // namespace
}  // namespace atoll::endpoints
