// PerLoop: one T a loop, made when a loop first asks. Here() takes no lock: it compares a few pointers. Thread-safe;
// what it returns belongs to the calling loop. Bound: kLoopsMax loops, whose addresses are not reused while this lives.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/synchronization/mutex.h"
#include "common/base/check.h"
#include "common/loop/loop.h"

namespace atoll::endpoints {

template <class T>
class PerLoop {
 public:
  static constexpr size_t kLoopsMax = 256;
  using Make = std::function<std::shared_ptr<T>(Loop&)>;
  explicit PerLoop(Make make) : make_(std::move(make)) {}

  T& Here() {
    Loop* loop = Loop::Current();
    const size_t count = count_.load(std::memory_order_acquire);
    for (size_t i = 0; i < count; ++i) {
      if (slots_[i].loop == loop) return *slots_[i].value;
    }
    ATOLL_CHECK(loop != nullptr);
    absl::MutexLock lock(&mutex_);
    const size_t index = count_.load(std::memory_order_relaxed);
    ATOLL_CHECK(index < kLoopsMax);
    slots_[index] = {loop, make_(*loop)};
    count_.store(index + 1, std::memory_order_release);
    return *slots_[index].value;
  }
  // On any thread.
  void ForEach(absl::FunctionRef<void(const T&)> visit) const {
    const size_t count = count_.load(std::memory_order_acquire);
    for (size_t i = 0; i < count; ++i) visit(*slots_[i].value);
  }

 private:
  struct Slot {
    Loop* loop = nullptr;
    std::shared_ptr<T> value;
  };
  const Make make_;
  absl::Mutex mutex_;  // for who adds
  std::array<Slot, kLoopsMax> slots_;
  std::atomic<size_t> count_{0};
};

}  // namespace atoll::endpoints
