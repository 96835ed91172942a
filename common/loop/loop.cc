#include "common/loop/loop.h"

#include <atomic>
#include <exception>
#include <thread>

#include "common/log/log.h"

namespace atoll {
namespace {

thread_local Loop* current_loop = nullptr;
std::atomic<uint64_t> escaped_exceptions{0};

}  // namespace

namespace internal {

// A spawned coroutine's outermost frame. It owns the task, links itself into its loop while it runs, and frees itself
// at the end.
class Root {
 public:
  struct promise_type : RootLink {
    Root get_return_object() { return Root(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { Loop::ReportEscapedException(); }
  };

  explicit Root(std::coroutine_handle<promise_type> h) : handle_(h) {}
  Root(Root&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  // Never started (the loop has stopped): frees the frame and the task in it.
  ~Root() {
    if (handle_) handle_.destroy();
  }
  void Start(RootLink& list) {
    handle_.promise().LinkInto(list);
    std::exchange(handle_, {}).resume();
  }

 private:
  std::coroutine_handle<promise_type> handle_;
};

namespace {
Root RunRoot(Task<void> task) { co_await std::move(task); }

// Frames whose loop was destroyed while they waited. They are kept reachable and never touched again.
RootLink& Abandoned() {
  static auto* list = new RootLink;
  return *list;
}
absl::Mutex abandoned_mutex(absl::kConstInit);
}  // namespace

void RootLink::LinkInto(RootLink& list) {
  next = list.next;
  previous = &list;
  next->previous = this;
  list.next = this;
}

RootLink::~RootLink() {
  previous->next = next;
  next->previous = previous;
}

}  // namespace internal

Loop* Loop::Current() { return current_loop; }

Loop::Loop() : mailbox_(std::make_shared<Mailbox>(this)) {}

void Loop::Mailbox::Post(Function fn) {
  if ((posting_.fetch_add(1, std::memory_order_acquire) & kClosed) == 0) loop_->Post(std::move(fn));
  posting_.fetch_sub(1, std::memory_order_release);
}

void Loop::Mailbox::Close() {
  posting_.fetch_or(kClosed, std::memory_order_acq_rel);
  while (posting_.load(std::memory_order_acquire) != kClosed) std::this_thread::yield();
}

Loop::~Loop() {
  if (roots_.next == &roots_) return;
  absl::MutexLock lock(&internal::abandoned_mutex);
  internal::RootLink& abandoned = internal::Abandoned();
  roots_.previous->next = abandoned.next;
  abandoned.next->previous = roots_.previous;
  roots_.next->previous = &abandoned;
  abandoned.next = roots_.next;
  roots_.next = roots_.previous = &roots_;
}

void Loop::Spawn(Task<void> task) {
  Post([this, root = internal::RunRoot(std::move(task))]() mutable { root.Start(roots_); });
}

uint64_t Loop::EscapedExceptions() { return escaped_exceptions.load(std::memory_order_relaxed); }

void Loop::ReportEscapedException() noexcept {
  escaped_exceptions.fetch_add(1, std::memory_order_relaxed);
  try {
    throw;
  } catch (const std::exception& e) {
    LOG_ERROR("loop", "an exception escaped a task", {{"what", e.what()}});
  } catch (...) {
    LOG_ERROR("loop", "an exception of unknown type escaped a task");
  }
}

Loop::Running::Running(Loop* loop) : previous_(std::exchange(current_loop, loop)) {}
Loop::Running::~Running() { current_loop = previous_; }

namespace {

// Its destructor cancels the timer, so a task may be destroyed while it sleeps.
struct Sleep {
  absl::Duration duration;
  Loop* loop = nullptr;
  Loop::TimerId timer = 0;

  ~Sleep() {
    if (timer != 0) loop->Cancel(timer);
  }
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> h) {
    loop = Loop::Current();
    CHECK(loop != nullptr);
    timer = loop->After(duration, [this, h] {
      timer = 0;
      h.resume();
    });
  }
  void await_resume() const noexcept {}
};

}  // namespace

Task<void> SleepFor(absl::Duration d) { co_await Sleep{d}; }

}  // namespace atoll
