#include "common/store/watch/follower.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/store/watch/log_reader.h"

namespace atoll::store {
namespace {

// How long to wait when the pool's queue is full.
constexpr absl::Duration kPoolRetry = absl::Milliseconds(10);

absl::Status Stopping() { return absl::CancelledError("the store is stopping"); }

// A deadline on the current loop that sets `wake`. Costs no timer until it is armed.
class Deadline {
 public:
  Deadline(Loop& loop, absl::Duration timeout, WakeUp* wake)
      : loop_(loop),
        wake_(wake),
        at_(timeout == absl::InfiniteDuration() ? timeout : loop.clock().Monotonic() + timeout) {}
  ~Deadline() {
    if (armed_) loop_.Cancel(timer_);
  }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  bool passed() const { return passed_ || (at_ != absl::InfiniteDuration() && loop_.clock().Monotonic() >= at_); }
  void Arm() {
    if (armed_ || at_ == absl::InfiniteDuration()) return;
    armed_ = true;
    timer_ = loop_.After(at_ - loop_.clock().Monotonic(), [this] {
      passed_ = true;
      armed_ = false;
      wake_->Set();
    });
  }

 private:
  Loop& loop_;
  WakeUp* const wake_;
  const absl::Duration at_;
  Loop::TimerId timer_ = 0;
  bool armed_ = false;
  bool passed_ = false;
};

struct LogRead {
  absl::StatusOr<Slice> slice;
};

class CursorFollower final : public Follower {
 public:
  CursorFollower(std::shared_ptr<Publisher> publisher, std::string scope, Revision after)
      : publisher_(std::move(publisher)), hub_(publisher_->Join(*Loop::Current())) {
    cursor_.scope = std::move(scope);
    cursor_.position = after;
    if (after < hub_->seen()) cursor_.scan_from = {after.value + 1};
    hub_->Add(&cursor_);
    start_ = CheckStart();
  }

  ~CursorFollower() override {
    hub_->Remove(&cursor_);
    publisher_->Leave(hub_);
  }

  Task<absl::StatusOr<Batch>> Next(absl::Duration timeout, size_t events_max, size_t bytes_max) override {
    hub_->loop().AssertHere();
    Deadline deadline(hub_->loop(), timeout, &cursor_.wake);
    const BatchLimits limits{.events_max = std::max<size_t>(events_max, 1),
                             .bytes_max = std::max<size_t>(bytes_max, 1)};
    for (;;) {
      if (hub_->stopped()) co_return Stopping();
      CO_RETURN_IF_ERROR(start_);
      if (Behind()) {
        CO_ASSIGN_OR_RETURN(std::vector<EventPtr> events, co_await Read(limits));
        if (!events.empty() || Interrupted(deadline)) co_return Take(std::move(events));
        co_await Yield();
        continue;
      }
      cursor_.position = std::max(cursor_.position, hub_->seen());  // W3: the hub found no match up to here
      if (Interrupted(deadline)) co_return Take({});
      deadline.Arm();
      co_await cursor_.wake.Wait();
    }
  }

  void Wake() override {
    woken_ = true;
    cursor_.wake.Set();
  }

 private:
  bool Behind() const { return cursor_.scan_from.value != 0; }
  bool Interrupted(const Deadline& deadline) const { return woken_ || deadline.passed(); }

  Batch Take(std::vector<EventPtr> events) {
    woken_ = false;
    return Batch{std::move(events), cursor_.position};
  }

  absl::Status CheckStart() const {
    if (!cursor_.scope.empty() && cursor_.scope.back() != '\0') {
      return absl::InvalidArgumentError("a scope ends at the end of a component");
    }
    return CheckNotTrimmed(cursor_.position);
  }

  // Everything after `after` must still be in the log.
  absl::Status CheckNotTrimmed(Revision after) const {
    const uint64_t trimmed_through = publisher_->oldest_in_log().value - 1;
    if (after.value >= trimmed_through) return absl::OkStatus();
    return absl::OutOfRangeError(
        absl::StrCat("the revision ", after.value, " is too old: the log starts after ", trimmed_through));
  }

  // The next matching events, perhaps none; moves the cursor past what was looked at.
  Task<absl::StatusOr<std::vector<EventPtr>>> Read(BatchLimits limits) {
    const Revision first = cursor_.scan_from;
    Slice slice;
    if (first > hub_->ring().from()) {
      slice = hub_->ring().Read(cursor_.scope, first, limits);
    } else {
      LogRead read = co_await ReadLogOnPool(first, limits);
      if (absl::IsResourceExhausted(read.slice.status())) {  // the pool's queue; nothing was read
        co_await atoll::SleepFor(kPoolRetry);
        co_return std::vector<EventPtr>();
      }
      CO_RETURN_IF_ERROR(read.slice.status());
      // After the read: what was trimmed while reading may be missing in it (W4).
      CO_RETURN_IF_ERROR(CheckNotTrimmed({first.value - 1}));
      slice = *std::move(read.slice);
    }
    cursor_.position = std::max(cursor_.position, slice.through);
    const bool caught_up = slice.complete && slice.through >= hub_->seen();
    cursor_.scan_from = caught_up ? Revision{} : Revision{slice.through.value + 1};
    co_return std::move(slice.events);
  }

  Task<LogRead> ReadLogOnPool(Revision first, BatchLimits limits) {
    std::shared_ptr<const StoreView> newest = publisher_->view();
    if (newest == nullptr) co_return LogRead{Stopping()};
    // Lets the view go before it answers: whoever closes the store after that finds its files closed.
    auto read = [newest = std::move(newest), scope = cursor_.scope, first, limits]() mutable {
      const std::shared_ptr<const StoreView> view = std::move(newest);
      return LogRead{ReadLog(view->raw(), scope, first, view->revision(), limits)};
    };
    BlockingPool* const pool = publisher_->pool();
    if (pool == nullptr) co_return read();
    absl::StatusOr<LogRead> done = co_await pool->Run(std::move(read));
    if (!done.ok()) co_return LogRead{done.status()};
    co_return *std::move(done);
  }

  const std::shared_ptr<Publisher> publisher_;
  const std::shared_ptr<Hub> hub_;
  Cursor cursor_;
  absl::Status start_;  // of the position given to Follow
  bool woken_ = false;
};

// A place among a hub's waiters; leaves the hub at the end.
class RevisionWaiter {
 public:
  RevisionWaiter(std::shared_ptr<Publisher> publisher, Revision at)
      : publisher_(std::move(publisher)), hub_(publisher_->Join(*Loop::Current())), place_(hub_->WakeAt(at, &wake)) {}
  ~RevisionWaiter() {
    hub_->Forget(place_);
    publisher_->Leave(hub_);
  }
  RevisionWaiter(const RevisionWaiter&) = delete;
  RevisionWaiter& operator=(const RevisionWaiter&) = delete;

  Hub& hub() { return *hub_; }
  WakeUp wake;

 private:
  const std::shared_ptr<Publisher> publisher_;
  const std::shared_ptr<Hub> hub_;
  const Hub::Waiters::iterator place_;
};

}  // namespace

std::unique_ptr<Follower> NewFollower(std::shared_ptr<Publisher> publisher, std::string scope, Revision after) {
  CHECK(Loop::Current() != nullptr);
  return std::make_unique<CursorFollower>(std::move(publisher), std::move(scope), after);
}

Task<absl::Status> WaitForRevision(std::shared_ptr<Publisher> publisher, Revision at, absl::Duration timeout) {
  if (publisher->current() >= at) co_return absl::OkStatus();
  RevisionWaiter waiter(publisher, at);
  Deadline deadline(waiter.hub().loop(), timeout, &waiter.wake);
  while (publisher->current() < at) {
    if (waiter.hub().stopped()) co_return Stopping();
    if (deadline.passed()) {
      co_return absl::DeadlineExceededError(
          absl::StrCat("the store is at revision ", publisher->current().value, ", before ", at.value));
    }
    deadline.Arm();
    co_await waiter.wake.Wait();
  }
  co_return absl::OkStatus();
}

}  // namespace atoll::store
