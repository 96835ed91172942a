// Synchronization between coroutines, and from other threads into a loop.
#pragma once

#include <atomic>
#include <coroutine>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/loop/loop.h"
#include "common/loop/task.h"

namespace atoll {

// A wake-up for one waiting coroutine on one loop. Set() before Wait() is remembered once. Loop thread only.
// The usual shape: `while (!done && !ready()) co_await event.Wait();` with several sources (data, timer, cancellation)
// calling Set.
//
// Set() never runs the waiter: it posts the resumption to the loop. So a caller of Set() need not fear that what it
// stands on is destroyed under it, and any number of Sets before the waiter runs are one. Destroying a waiting
// coroutine ends its wait.
class WakeUp {
 public:
  WakeUp() = default;
  ~WakeUp() {
    if (posted_) *posted_ = nullptr;
  }
  WakeUp(const WakeUp&) = delete;
  WakeUp& operator=(const WakeUp&) = delete;

  void Set();
  auto Wait() {
    struct Awaiter {
      WakeUp& self;
      bool waits = false;
      ~Awaiter() {
        if (waits) self.Forget();
      }
      bool await_ready() noexcept { return std::exchange(self.set_, false); }
      void await_suspend(std::coroutine_handle<> h) noexcept {
        DCHECK(!self.waiter_);
        self.waiter_ = h;
        waits = true;
      }
      void await_resume() noexcept { self.set_ = waits = false; }
    };
    return Awaiter{*this};
  }

 private:
  void Forget();

  bool set_ = false;
  std::coroutine_handle<> waiter_;
  // While a resumption is posted: what it resumes; null when the waiter is gone by then.
  std::shared_ptr<WakeUp*> posted_;
};

// A value delivered once, from any thread, to a coroutine that waits on the loop which created the Completion.
// Copyable handle; the last copy dropped without Set leaves the waiter waiting, so a producer must always Set.
template <class T>
class Completion {
 public:
  Completion() : state_(std::make_shared<State>()) {
    ATOLL_CHECK(Loop::Current() != nullptr);
    state_->mailbox = Loop::Current()->mailbox();
  }
  // Thread-safe, also when the loop is gone; the first call wins.
  void Set(T value) const {
    auto state = state_;
    if (state->claimed.exchange(true)) return;
    state->mailbox->Post([state, v = std::move(value)]() mutable {
      state->value.emplace(std::move(v));
      if (state->waiter) std::exchange(state->waiter, {}).resume();
    });
  }
  // At most one waiter, on the creating loop.
  auto Wait() const {
    struct Awaiter {
      std::shared_ptr<State> state;
      bool waits = false;
      ~Awaiter() {
        if (waits) state->waiter = {};
      }
      bool await_ready() noexcept { return state->value.has_value(); }
      void await_suspend(std::coroutine_handle<> h) noexcept {
        state->waiter = h;
        waits = true;
      }
      T await_resume() {
        waits = false;
        return std::move(*state->value);
      }
    };
    return Awaiter{state_};
  }

 private:
  struct State {
    std::shared_ptr<Loop::Mailbox> mailbox;
    std::atomic<bool> claimed{false};
    std::optional<T> value;
    std::coroutine_handle<> waiter;
  };
  std::shared_ptr<State> state_;
};

// Child tasks with a common end. Owned by something with a Stop(); loop thread only.
class TaskGroup {
 public:
  explicit TaskGroup(Loop& loop) : loop_(loop) {}
  ~TaskGroup();  // REQUIRES: empty, or the loop has stopped.
  void Spawn(Task<void> task);
  // Resumes when every task has ended. New tasks may still be spawned meanwhile.
  Task<void> Join();
  size_t running() const { return running_; }

 private:
  class Member;
  static Task<void> Run(std::unique_ptr<Member> member, Task<void> task);
  Loop& loop_;
  size_t running_ = 0;
  WakeUp idle_;
};

// A cancellation flag with callbacks. Loop thread only. Cancel() is idempotent.
class Cancellation {
 public:
  bool cancelled() const { return cancelled_; }
  void Cancel();
  // Calls `fn` on cancellation, at once when that has happened. Returns an id for Forget.
  uint64_t OnCancel(std::function<void()> fn);
  void Forget(uint64_t id);

 private:
  bool cancelled_ = false;
  uint64_t next_id_ = 1;
  std::deque<std::pair<uint64_t, std::function<void()>>> callbacks_;
};

// Threads for what may block (disk reads, long CPU work). Thread-safe. Bound: `queue_max` waiting jobs; beyond it Run
// answers ResourceExhausted, which becomes 429.
class BlockingPool {
 public:
  struct Options {
    int threads = 2;
    size_t queue_max = 4096;
    std::string name = "blocking";  // of the threads
  };
  explicit BlockingPool(Options options);
  ~BlockingPool();  // Drains, then joins.

  // False when the queue is full (then `fn` was not taken).
  bool TrySubmit(absl::AnyInvocable<void()> fn);

  // Runs `fn` on a pool thread and resumes on the calling loop with its result.
  template <class F>
  auto Run(F fn) -> Task<absl::StatusOr<decltype(fn())>> {
    using R = decltype(fn());
    Completion<absl::StatusOr<R>> done;
    if (!TrySubmit([done, fn = std::move(fn)]() mutable { done.Set(fn()); })) {
      co_return absl::ResourceExhaustedError("too many blocking operations are waiting");
    }
    auto result = co_await done.Wait();
    co_return result;
  }

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace atoll
