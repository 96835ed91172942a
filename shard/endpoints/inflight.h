// InFlight: how many requests may be served at once (spec/api-machinery.md 12.1). Beyond the bound a request is refused
// with 429, not queued. Thread-safe.
#pragma once

#include <atomic>
#include <utility>

namespace atoll::endpoints {

class InFlight {
 public:
  struct Bounds {
    int read_only = 400;
    int mutating = 200;
  };
  explicit InFlight(Bounds bounds) : bounds_(bounds) {}

  // Gives its place back when it goes. A default one holds none.
  class Slot {
   public:
    Slot() = default;
    explicit Slot(std::atomic<int>* count) : count_(count) {}
    Slot(Slot&& other) noexcept : count_(std::exchange(other.count_, nullptr)) {}
    Slot& operator=(Slot&& other) noexcept {
      std::swap(count_, other.count_);
      return *this;
    }
    ~Slot() {
      if (count_ != nullptr) count_->fetch_sub(1, std::memory_order_relaxed);
    }

   private:
    std::atomic<int>* count_ = nullptr;
  };

  // False at the bound.
  bool Acquire(bool mutating, Slot* slot) {
    std::atomic<int>& count = mutating ? mutating_ : read_only_;
    const int bound = mutating ? bounds_.mutating : bounds_.read_only;
    if (count.fetch_add(1, std::memory_order_relaxed) >= bound) {
      count.fetch_sub(1, std::memory_order_relaxed);
      return false;
    }
    *slot = Slot(&count);
    return true;
  }
  int read_only() const { return read_only_.load(std::memory_order_relaxed); }
  int mutating() const { return mutating_.load(std::memory_order_relaxed); }

 private:
  Bounds bounds_;
  std::atomic<int> read_only_{0}, mutating_{0};
};

}  // namespace atoll::endpoints
