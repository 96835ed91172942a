// Loop: one thread's event loop. Everything a loop owns is touched only on it; other threads Post.
//
// The real loop (asio_loop.h) runs an Asio io_context; the simulated one (sim/) runs a virtual queue. Clock, randomness
// and network come from the loop, so nothing above it can tell which it runs on.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/loop/task.h"

namespace atoll {

class Net;

namespace internal {

class Root;

// A spawned task's place in its loop's list, so that what still waits at the end can be told.
struct RootLink {
  RootLink* next = this;
  RootLink* previous = this;
  RootLink() = default;
  RootLink(const RootLink&) = delete;
  RootLink& operator=(const RootLink&) = delete;
  ~RootLink();
  void LinkInto(RootLink& list);
};

}  // namespace internal

class Loop {
 public:
  using Function = absl::AnyInvocable<void()>;

  // Tasks that were spawned and still wait are abandoned: never resumed, never destroyed (what they refer to may be
  // gone).
  virtual ~Loop();

  // Runs `fn` on the loop, after what is already queued. Thread-safe. After the loop has stopped, `fn` is destroyed
  // unrun.
  virtual void Post(Function fn) = 0;

  // The loop's address for those who may outlive it, such as another library's callbacks. What is posted to a loop that
  // is gone is destroyed unrun. Thread-safe.
  class Mailbox {
   public:
    explicit Mailbox(Loop* loop) : loop_(loop) {}
    void Post(Function fn);

   private:
    friend class Loop;
    // Returns once nobody stands in Post any more.
    void Close();

    static constexpr uint32_t kClosed = 1U << 31;
    std::atomic<uint32_t> posting_{0};  // callers within Post; and kClosed
    Loop* const loop_;
  };
  const std::shared_ptr<Mailbox>& mailbox() const { return mailbox_; }

  // Runs `fn` on the loop once `delay` has passed. Loop thread only. The id stays valid until it ran or was cancelled.
  using TimerId = uint64_t;
  virtual TimerId After(absl::Duration delay, Function fn) = 0;
  virtual void Cancel(TimerId id) = 0;

  virtual const Clock& clock() const = 0;
  virtual Random& random() = 0;
  virtual Net& net() = 0;

  // The loop that runs the calling code, or nullptr on a thread without one.
  static Loop* Current();
  bool Here() const { return Current() == this; }
  void AssertHere() const { DCHECK(Here()); }

  // Starts `task` on this loop; thread-safe. Its frame lives until it ends. An escaping exception is logged and
  // counted, not propagated. Prefer TaskGroup, which can also be stopped.
  void Spawn(Task<void> task);

  // Exceptions that reached the root of a task or callback, in the whole process. Each is a bug.
  static uint64_t EscapedExceptions();

 protected:
  Loop();
  // Implementations begin their destructor with it.
  void CloseMailbox() { mailbox_->Close(); }

  // Implementations install themselves around running callbacks.
  class Running {
   public:
    explicit Running(Loop* loop);
    ~Running();

   private:
    Loop* previous_;
  };
  // From within a catch block.
  static void ReportEscapedException() noexcept;

 private:
  friend class internal::Root;
  internal::RootLink roots_;
  const std::shared_ptr<Mailbox> mailbox_;
};

// co_await SleepFor(d): resumes on the current loop after `d`. Beside absl/time/clock.h, which has a SleepFor that
// blocks, write atoll::SleepFor.
Task<void> SleepFor(absl::Duration d);

// co_await SwitchTo(loop): continues the coroutine on `loop`.
struct SwitchTo {
  explicit SwitchTo(Loop& loop) : loop_(loop) {}
  bool await_ready() const { return loop_.Here(); }
  void await_suspend(std::coroutine_handle<> h) {
    loop_.Post([h] { h.resume(); });
  }
  void await_resume() const {}

 private:
  Loop& loop_;
};

// co_await Yield(): lets other work of the current loop run first. For long scans.
struct Yield {
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> h) {
    Loop::Current()->Post([h] { h.resume(); });
  }
  void await_resume() const {}
};

}  // namespace atoll
