#include "common/loop/asio_loop.h"

#include <pthread.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <exception>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "common/loop/asio_net.h"
#include "common/loop/timer_queue.h"

namespace atoll {

namespace asio = boost::asio;

namespace {

// The clock that timers run on, whatever clock() says: a timer must fire in a test with a manual clock, too.
absl::Duration TimerNow() { return SystemClock().Monotonic(); }

// A queue vector that grew beyond this many functions is given back after the burst.
constexpr size_t kKeptCapacity = 1024;
// The longest single wait of the Asio timer; later deadlines wait again.
constexpr absl::Duration kArmMax = absl::Hours(1);

}  // namespace

struct AsioLoop::Impl {
  Impl(AsioLoop* self, std::string name, const Clock& clock, Random& random)
      : self(self),
        name(std::move(name)),
        clock(clock),
        random(random),
        work(io.get_executor()),
        timer(io),
        net(internal::NewAsioNet(*self, io)) {}

  // Runs what was queued when the turn began. What those functions post waits for the next turn, after pending I/O.
  void Drain() {
    {
      absl::MutexLock lock(&mutex);
      turn.swap(queue);
    }
    for (Function& slot : turn) {
      if (stopping.load(std::memory_order_relaxed)) break;
      Function fn = std::move(slot);
      Call(fn);
    }
    turn.clear();
    if (turn.capacity() > kKeptCapacity) turn = std::vector<Function>();
    bool more;
    {
      absl::MutexLock lock(&mutex);
      more = drain_posted = !queue.empty();
    }
    if (more) asio::post(io, [this] { Drain(); });
  }

  static void Call(Function& fn) {
    try {
      fn();
    } catch (...) {
      ReportEscapedException();
    }
  }

  void Arm() {
    absl::Duration next = timers.NextDeadline();
    if (next >= armed_for) return;
    armed_for = next;
    absl::Duration wait = std::min(std::max(next - TimerNow(), absl::ZeroDuration()), kArmMax);
    timer.expires_after(std::chrono::nanoseconds(absl::ToInt64Nanoseconds(wait)));
    timer.async_wait([this](const boost::system::error_code& error) {
      if (error) return;  // armed anew for an earlier deadline
      armed_for = absl::InfiniteDuration();
      absl::Duration now = TimerNow();
      while (!stopping.load(std::memory_order_relaxed)) {
        auto fn = timers.PopDue(now);
        if (!fn) break;
        Call(*fn);
      }
      Arm();
    });
  }

  void RunThread() {
    Running running(self);
    while (true) {
      try {
        io.run();
        return;
      } catch (...) {
        ReportEscapedException();
      }
    }
  }

  AsioLoop* self;
  std::string name;
  const Clock& clock;
  Random& random;

  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work;
  std::thread thread;
  std::atomic<bool> stopping{false};

  absl::Mutex mutex;
  std::vector<Function> queue ABSL_GUARDED_BY(mutex);
  bool drain_posted ABSL_GUARDED_BY(mutex) = false;
  bool stopped ABSL_GUARDED_BY(mutex) = false;

  // Loop thread only.
  std::vector<Function> turn;
  TimerQueue timers;
  asio::steady_timer timer;
  absl::Duration armed_for = absl::InfiniteDuration();
  std::unique_ptr<Net> net;
};

AsioLoop::AsioLoop(std::string name, const Clock& clock, Random& random)
    : impl_(std::make_unique<Impl>(this, std::move(name), clock, random)) {}

AsioLoop::~AsioLoop() {
  CloseMailbox();
  Stop();
}

void AsioLoop::Start() {
  CHECK(!impl_->thread.joinable());
  impl_->thread = std::thread([impl = impl_.get()] { impl->RunThread(); });
  pthread_setname_np(impl_->thread.native_handle(), impl_->name.substr(0, 15).c_str());
}

void AsioLoop::Stop() {
  CHECK(!Here());
  std::vector<Function> unrun;
  {
    absl::MutexLock lock(&impl_->mutex);
    if (std::exchange(impl_->stopped, true)) return;
    unrun.swap(impl_->queue);
  }
  impl_->stopping.store(true, std::memory_order_relaxed);
  impl_->io.stop();
  if (impl_->thread.joinable()) impl_->thread.join();
  // The functions' destructors see the loop they were meant for; what they post is destroyed likewise.
  Running running(this);
  unrun.clear();
  impl_->turn.clear();
  impl_->timers.Clear();
}

void AsioLoop::Post(Function fn) {
  bool wake = false;
  {
    absl::MutexLock lock(&impl_->mutex);
    if (impl_->stopped) return;
    impl_->queue.push_back(std::move(fn));
    wake = !std::exchange(impl_->drain_posted, true);
  }
  if (wake) asio::post(impl_->io, [impl = impl_.get()] { impl->Drain(); });
}

Loop::TimerId AsioLoop::After(absl::Duration delay, Function fn) {
  AssertHere();
  TimerId id = impl_->timers.Add(TimerNow() + std::max(delay, absl::ZeroDuration()), std::move(fn));
  impl_->Arm();
  return id;
}

void AsioLoop::Cancel(TimerId id) { impl_->timers.Cancel(id); }
const Clock& AsioLoop::clock() const { return impl_->clock; }
Random& AsioLoop::random() { return impl_->random; }
Net& AsioLoop::net() { return *impl_->net; }

namespace {

struct BlockingRun {
  absl::Notification done;
  std::exception_ptr exception;
};
struct NotifyAtEnd {
  explicit NotifyAtEnd(BlockingRun* run) : run(run) {}
  NotifyAtEnd(NotifyAtEnd&& other) noexcept : run(std::exchange(other.run, nullptr)) {}
  ~NotifyAtEnd() {
    if (run != nullptr) run->done.Notify();
  }
  BlockingRun* run;
};

// `end` outlives `task`'s frame, so that all of it is destroyed on the loop before the caller goes on.
Task<void> RunAndNotify(NotifyAtEnd end, Task<void> task) {
  Task<void> own = std::move(task);
  try {
    co_await std::move(own);
  } catch (...) {
    end.run->exception = std::current_exception();
  }
}

}  // namespace

void AsioLoop::RunBlocking(Task<void> task) {
  CHECK(Current() == nullptr);
  BlockingRun run;
  Spawn(RunAndNotify(NotifyAtEnd(&run), std::move(task)));
  run.done.WaitForNotification();
  if (run.exception) std::rethrow_exception(run.exception);
}

}  // namespace atoll
