#include "common/loop/sim/sim_loop.h"

#include <deque>
#include <exception>

#include "common/loop/timer_queue.h"

namespace atoll {

struct SimLoop::Impl {
  Impl(Loop& loop, uint64_t seed) : random(seed), net(loop) {}

  ManualClock clock;
  SeededRandom random;
  TimerQueue timers;
  SimNet net;

  absl::Mutex mutex;
  std::deque<Function> queue ABSL_GUARDED_BY(mutex);
  bool stopped ABSL_GUARDED_BY(mutex) = false;

  bool HasWork() const ABSL_SHARED_LOCKS_REQUIRED(mutex) { return !queue.empty(); }

  bool RunOne() {
    Function fn;
    {
      absl::MutexLock lock(&mutex);
      if (queue.empty()) return false;
      fn = std::move(queue.front());
      queue.pop_front();
    }
    Call(fn);
    return true;
  }
  static void Call(Function& fn) {
    try {
      fn();
    } catch (...) {
      ReportEscapedException();
    }
  }
  // Goes to `time`, which is not before the present.
  void PassTo(absl::Duration time) { clock.Advance(time - clock.Monotonic()); }
  void RunDueTimers() {
    while (auto fn = timers.PopDue(clock.Monotonic())) Call(*fn);
  }
};

SimLoop::SimLoop(uint64_t seed) : impl_(std::make_unique<Impl>(*this, seed)) {}

SimLoop::~SimLoop() {
  CloseMailbox();
  Stop();
}

void SimLoop::Stop() {
  std::deque<Function> unrun;
  {
    absl::MutexLock lock(&impl_->mutex);
    impl_->stopped = true;
    unrun.swap(impl_->queue);
  }
  Running running(this);
  unrun.clear();
  impl_->timers.Clear();
}

bool SimLoop::RunUntilIdle() {
  Running running(this);
  bool ran = false;
  while (impl_->RunOne()) ran = true;
  return ran;
}

void SimLoop::Advance(absl::Duration by) {
  Running running(this);
  const absl::Duration end = impl_->clock.Monotonic() + by;
  while (true) {
    RunUntilIdle();
    absl::Duration next = impl_->timers.NextDeadline();
    if (next > end) break;
    impl_->PassTo(std::max(next, impl_->clock.Monotonic()));
    impl_->RunDueTimers();
  }
  impl_->PassTo(end);
}

bool SimLoop::RunUntil(const std::function<bool()>& done, absl::Duration limit) {
  Running running(this);
  const absl::Duration end = impl_->clock.Monotonic() + limit;
  while (!done()) {
    if (impl_->RunOne()) continue;
    absl::Duration next = impl_->timers.NextDeadline();
    if (next > end || next == absl::InfiniteDuration()) return false;
    impl_->PassTo(std::max(next, impl_->clock.Monotonic()));
    impl_->RunDueTimers();
  }
  return true;
}

void SimLoop::RunWithThreads(const std::function<bool()>& done) {
  Running running(this);
  while (!done()) {
    if (impl_->RunOne()) continue;
    absl::MutexLock lock(&impl_->mutex);
    impl_->mutex.Await(absl::Condition(impl_.get(), &Impl::HasWork));
  }
}

namespace {

Task<void> RunAndTell(Task<void> task, bool* done, std::exception_ptr* exception) {
  {
    Task<void> own = std::move(task);
    try {
      co_await std::move(own);
    } catch (...) {
      *exception = std::current_exception();
    }
  }
  *done = true;
}

}  // namespace

void SimLoop::RunBlocking(Task<void> task) {
  bool done = false;
  std::exception_ptr exception;
  Spawn(RunAndTell(std::move(task), &done, &exception));
  CHECK(RunUntil([&] { return done; }));
  if (exception) std::rethrow_exception(exception);
}

void SimLoop::Post(Function fn) {
  absl::MutexLock lock(&impl_->mutex);
  if (!impl_->stopped) impl_->queue.push_back(std::move(fn));
}

Loop::TimerId SimLoop::After(absl::Duration delay, Function fn) {
  return impl_->timers.Add(impl_->clock.Monotonic() + std::max(delay, absl::ZeroDuration()), std::move(fn));
}

void SimLoop::Cancel(TimerId id) { impl_->timers.Cancel(id); }
const Clock& SimLoop::clock() const { return impl_->clock; }
Random& SimLoop::random() { return impl_->random; }
SimNet& SimLoop::net() { return impl_->net; }

}  // namespace atoll
