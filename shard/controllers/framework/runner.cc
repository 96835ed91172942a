#include "shard/controllers/framework/runner.h"

#include <algorithm>

#include "common/log/log.h"
#include "shard/controllers/framework/cursor.h"

namespace atoll::controllers {
namespace {

constexpr absl::Duration kSaveEvery = absl::Seconds(10);
// How long a reader without events waits until it tells how far the log was read; shorter while a start is awaited.
constexpr absl::Duration kTellEvery = absl::Seconds(30), kTellAtStart = absl::Milliseconds(2);
constexpr absl::Duration kPoolRetry = absl::Milliseconds(50), kScanRetry = absl::Seconds(1);

}  // namespace

ControllerRunner::ControllerRunner(Loop& loop, store::Store& store, BlockingPool& pool, QueueMetrics& metrics,
                                   std::unique_ptr<Controller> controller, int workers)
    : loop_(loop),
      store_(store),
      pool_(pool),
      metrics_(metrics),
      controller_(std::move(controller)),
      name_(controller_->name()),
      fingerprint_(FingerprintOf(controller_->scopes(), controller_->version())),
      workers_max_(workers),
      tasks_(loop) {
  // Every series is there from the start, so that its first step shows in a rate.
  metrics_.adds.With({name_});
  metrics_.depth.With({name_});
  metrics_.retries.With({name_});
}

ControllerRunner::~ControllerRunner() = default;

void ControllerRunner::Start() {
  loop_.AssertHere();
  tasks_.Spawn(Run());
}

Task<void> ControllerRunner::Stop() {
  stopping_ = true;
  if (timer_set_) loop_.Cancel(timer_);
  if (save_timer_set_) loop_.Cancel(save_timer_);
  timer_set_ = save_timer_set_ = false;
  for (Reader& reader : readers_) {
    if (reader.follower != nullptr) reader.follower->Wake();
    reader.room.Set();
  }
  co_await tasks_.Join();
  co_await Save(/*last=*/true);
}

Task<void> ControllerRunner::Run() {
  started_at_ = store_.current();
  const std::optional<store::Revision> cursor = co_await Resume();
  for (const std::string& scope : controller_->scopes()) {
    Reader& reader = readers_.emplace_back();
    reader.complete = cursor.has_value();
    reader.through = cursor.value_or(store::Revision{});
    tasks_.Spawn(Follow(scope, reader));
  }
  CheckSynced();  // a controller may follow nothing
}

Task<std::optional<store::Revision>> ControllerRunner::Resume() {
  while (!stopping_) {
    auto view = store_.Snapshot();
    struct Loaded {
      absl::StatusOr<std::optional<SavedProgress>> saved;
      store::Transaction forget;
    };
    auto loaded = co_await pool_.Run([view, name = name_, fingerprint = fingerprint_] {
      Loaded out{LoadProgress(*view, name, fingerprint), {}};
      if (out.saved.ok() && !out.saved->has_value()) {
        if (auto forget = ForgetTransaction(*view, name); forget.ok()) out.forget = *std::move(forget);
      }
      return out;
    });
    if (!loaded.ok()) {
      co_await atoll::SleepFor(kPoolRetry);  // the pool is full: its bound, not an error of ours
      continue;
    }
    if (!loaded->saved.ok()) {
      LOG_ERROR("controllers", "the cursor cannot be read",
                {{"controller", name_}, {"error", loaded->saved.status().ToString()}});
      co_return std::nullopt;
    }
    if (!loaded->saved->has_value()) {
      // Of a cursor that does not count, parked keys included, nothing may be left for a later start to find.
      if (!loaded->forget.index.empty()) (void)co_await store_.Commit(std::move(loaded->forget));
      co_return std::nullopt;
    }
    const SavedProgress& saved = **loaded->saved;
    progress_.Restore(saved.cursor, saved.parked);
    Enqueue(saved.parked, {});
    co_return saved.cursor;
  }
  co_return std::nullopt;
}

Task<void> ControllerRunner::Scan(std::shared_ptr<const store::SnapshotView> view, std::string scope, Reader& reader) {
  // Pages, so that a large shard's start neither holds the pool for long nor a list of everything.
  constexpr size_t kPage = 512;
  const std::string end = store::ScopeEnd(scope);
  std::string from = std::move(scope);
  while (!stopping_) {
    struct Page {
      absl::Status status;
      std::vector<std::string> keys;
      std::string next;
    };
    const Controller* controller = controller_.get();
    auto page = co_await pool_.Run([view, from, end, controller] {
      Page out;
      size_t seen = 0;
      out.status = view->Scan(from, end, [&](std::string_view key, std::string_view value, store::Revision) {
        if (seen++ == kPage) {
          out.next = std::string(key);
          return false;
        }
        controller->NeedsWork(key, value, &out.keys);
        return true;
      });
      return out;
    });
    if (!page.ok()) {
      co_await atoll::SleepFor(kPoolRetry);
      continue;
    }
    if (!page->status.ok()) {
      // What was not read must not count as read: the cursor would hide it from every later start, too.
      LOG_ERROR("controllers", "scan failed", {{"controller", name_}, {"error", page->status.ToString()}});
      co_await atoll::SleepFor(kScanRetry);
      continue;
    }
    Enqueue(page->keys, {});
    co_await AwaitRoom(reader);
    if (page->next.empty()) break;
    from = page->next;
  }
}

Task<void> ControllerRunner::Follow(std::string scope, Reader& reader) {
  std::unique_ptr<store::Follower> follower = store_.Follow(scope, reader.through);
  while (!stopping_) {
    if (!reader.complete) {
      auto view = store_.Snapshot();
      follower = store_.Follow(scope, view->revision());
      co_await Scan(view, scope, reader);
      if (stopping_) break;
      reader.through = view->revision();
      reader.complete = true;
      CheckSynced();
    }
    reader.follower = follower.get();
    auto batch = co_await follower->Next(synced_ ? kTellEvery : kTellAtStart);
    reader.follower = nullptr;
    if (!batch.ok()) {
      if (absl::IsCancelled(batch.status())) break;
      LOG_WARNING("controllers", "the log no longer reaches back, scanning", {{"controller", name_}});
      reader.complete = false;
      continue;
    }
    std::vector<std::string> keys;
    for (const store::EventPtr& event : batch->events) {
      controller_->OnEvent(*event, &keys);
      Enqueue(keys, event->revision);
      keys.clear();
    }
    if (batch->through > reader.through) Touch();
    reader.through = batch->through;
    CheckSynced();
    co_await AwaitRoom(reader);
  }
}

Task<void> ControllerRunner::AwaitRoom(Reader& reader) {
  while (!stopping_ && queue_.depth() >= kDepthMax) co_await reader.room.Wait();
}

std::optional<store::Revision> ControllerRunner::Covered() const {
  if (readers_.empty()) return std::nullopt;
  store::Revision covered{UINT64_MAX};
  for (const Reader& reader : readers_) {
    if (!reader.complete) return std::nullopt;
    covered = std::min(covered, reader.through);
  }
  return covered;
}

void ControllerRunner::CheckSynced() {
  if (synced_) return;
  const std::optional<store::Revision> covered = Covered();
  synced_ = readers_.empty() || (covered.has_value() && *covered >= started_at_);
}

void ControllerRunner::Enqueue(const std::vector<std::string>& keys, store::Revision since) {
  if (keys.empty()) return;
  metrics_.adds.With({name_}).Add(keys.size());
  const absl::Duration now = loop_.clock().Monotonic();
  for (const std::string& key : keys) {
    progress_.Begin(key, since);
    queue_.Add(key);
    waiting_since_.try_emplace(key, now);
  }
  Pump();
}

void ControllerRunner::Pump() {
  while (!stopping_ && workers_ < workers_max_) {
    std::optional<std::string> key = queue_.Take(loop_.clock().Monotonic());
    if (!key.has_value()) break;
    if (auto it = waiting_since_.find(*key); it != waiting_since_.end()) {
      metrics_.queue_duration.With({name_}).Observe(absl::ToDoubleSeconds(loop_.clock().Monotonic() - it->second));
      waiting_since_.erase(it);
    }
    ++workers_;
    tasks_.Spawn(Work(*std::move(key)));
  }
  metrics_.depth.With({name_}).Set(static_cast<double>(queue_.depth()));
  if (queue_.depth() < kDepthMax / 2) {
    for (Reader& reader : readers_) reader.room.Set();
  }
  if (timer_set_) loop_.Cancel(timer_);
  timer_set_ = false;
  if (std::optional<absl::Duration> due = queue_.NextDue(); due.has_value() && !stopping_) {
    timer_set_ = true;
    timer_ = loop_.After(std::max(*due - loop_.clock().Monotonic(), absl::Milliseconds(1)), [this] {
      timer_set_ = false;
      Pump();
    });
  }
}

Task<void> ControllerRunner::Work(std::string key) {
  const absl::Duration start = loop_.clock().Monotonic();
  const uint64_t running = metrics_.Began(name_, start);
  absl::StatusOr<Result> result = co_await controller_->Reconcile(key);
  metrics_.Ended(name_, running);
  const absl::Duration end = loop_.clock().Monotonic();
  metrics_.work_duration.With({name_}).Observe(absl::ToDoubleSeconds(end - start));
  queue_.Done(key);
  --workers_;
  if (!result.ok()) {
    metrics_.retries.With({name_}).Add();
    if (!absl::IsAborted(result.status()))
      LOG_DEBUG("controllers", "reconcile failed", {{"controller", name_}, {"error", result.status().ToString()}});
    queue_.AddFailed(key, end);
  } else {
    queue_.Forget(key);
    if (result->requeue_after != absl::InfiniteDuration()) queue_.AddAt(key, end + result->requeue_after);
    // What follows has the same reason as the key; both are pending before this one may be done.
    Enqueue(result->also, progress_.Since(key));
  }
  if (!queue_.Holds(key)) progress_.End(key);
  Touch();
  Pump();
}

void ControllerRunner::Touch() {
  if (save_timer_set_ || saving_ || stopping_) return;
  save_timer_set_ = true;
  save_timer_ = loop_.After(kSaveEvery, [this] {
    save_timer_set_ = false;
    if (!stopping_) tasks_.Spawn(Save(/*last=*/false));
  });
}

Task<void> ControllerRunner::Save(bool last) {
  const std::optional<store::Revision> covered = Covered();
  if (!covered.has_value()) co_return;
  const std::optional<Progress::Save> save = progress_.Plan(*covered, last);
  if (save.has_value()) {
    saving_ = true;
    const auto committed = co_await store_.Commit(SaveTransaction(name_, fingerprint_, *save));
    saving_ = false;
    if (committed.ok()) {
      progress_.Saved(*save);
    } else {
      LOG_WARNING("controllers", "the cursor was not saved",
                  {{"controller", name_}, {"error", committed.status().ToString()}});
    }
  }
  // What is pending still holds the cursor back, or is to be parked.
  if (progress_.pending() > 0 && !last) Touch();
}

}  // namespace atoll::controllers
