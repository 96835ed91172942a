#include "shard/controllers/framework/controller.h"

#include <algorithm>

#include "common/log/log.h"

namespace atoll::controllers {
namespace {

std::vector<double> QueueBuckets() { return {1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10}; }

}  // namespace

QueueMetrics::QueueMetrics(metrics::Registry* registry)
    : adds(registry->NewCounter("workqueue_adds_total", "Keys added to a controller's queue.", {"name"}, 128)),
      depth(registry->NewGauge("workqueue_depth", "Keys that wait in a controller's queue.", {"name"}, 128)),
      queue_duration(registry->NewHistogram("workqueue_queue_duration_seconds", "How long keys wait.", QueueBuckets(),
                                            {"name"}, 128)),
      work_duration(registry->NewHistogram("workqueue_work_duration_seconds", "How long a reconcile takes.",
                                           QueueBuckets(), {"name"}, 128)),
      retries(registry->NewCounter("workqueue_retries_total", "Reconciles that failed and run again.", {"name"}, 128)) {
}

ControllerRunner::ControllerRunner(Loop& loop, store::Store& store, BlockingPool& pool, QueueMetrics& metrics,
                                   std::unique_ptr<Controller> controller, int workers)
    : loop_(loop),
      store_(store),
      pool_(pool),
      metrics_(metrics),
      controller_(std::move(controller)),
      workers_max_(workers),
      tasks_(loop) {}

ControllerRunner::~ControllerRunner() = default;

void ControllerRunner::Start() {
  loop_.AssertHere();
  tasks_.Spawn(Run());
}

Task<void> ControllerRunner::Stop() {
  stopping_ = true;
  if (timer_set_) loop_.Cancel(timer_);
  timer_set_ = false;
  for (store::Follower* f : followers_) f->Wake();
  co_await tasks_.Join();
}

Task<void> ControllerRunner::Run() {
  auto view = store_.Snapshot();
  const store::Revision at = view->revision();
  for (const std::string& scope : controller_->scopes()) tasks_.Spawn(Follow(scope, at));
  co_await Scan(std::move(view));
  synced_ = true;
}

Task<void> ControllerRunner::Scan(std::shared_ptr<const store::SnapshotView> view) {
  // Pages, so that a large shard's start neither holds the pool for long nor a list of everything.
  constexpr size_t kPage = 512;
  for (const std::string& scope : controller_->scopes()) {
    std::string from = scope;
    const std::string end = store::ScopeEnd(scope);
    while (!stopping_) {
      struct Page {
        std::vector<std::string> keys;
        std::string next;
      };
      Controller* controller = controller_.get();
      auto page = co_await pool_.Run([view, from, end, controller] {
        Page out;
        size_t seen = 0;
        absl::Status s = view->Scan(from, end, [&](std::string_view key, std::string_view value, store::Revision) {
          if (seen++ == kPage) {
            out.next = std::string(key);
            return false;
          }
          controller->OnScan(key, value, &out.keys);
          return true;
        });
        if (!s.ok()) LOG_ERROR("controllers", "scan failed", {{"error", s.ToString()}});
        return out;
      });
      if (!page.ok()) {
        co_await atoll::SleepFor(absl::Milliseconds(50));  // the pool is full: its bound, not an error of ours
        continue;
      }
      Enqueue(page->keys);
      if (page->next.empty()) break;
      from = page->next;
    }
  }
}

Task<void> ControllerRunner::Follow(std::string scope, store::Revision after) {
  auto follower = store_.Follow(scope, after);
  followers_.push_back(follower.get());
  while (!stopping_) {
    auto batch = co_await follower->Next(absl::Minutes(10));
    if (!batch.ok()) {
      if (absl::IsCancelled(batch.status())) break;
      // Trimmed away under us: start over from a snapshot, as at start-up.
      LOG_WARNING("controllers", "fell behind the log, scanning again", {{"controller", controller_->name()}});
      auto view = store_.Snapshot();
      std::erase(followers_, follower.get());
      follower = store_.Follow(scope, view->revision());
      followers_.push_back(follower.get());
      co_await Scan(std::move(view));
      continue;
    }
    std::vector<std::string> keys;
    for (const store::EventPtr& event : batch->events) controller_->OnEvent(*event, &keys);
    Enqueue(keys);
  }
  std::erase(followers_, follower.get());
}

void ControllerRunner::Enqueue(const std::vector<std::string>& keys) {
  if (keys.empty()) return;
  const std::string name = controller_->name();
  metrics_.adds.With({name}).Add(keys.size());
  const absl::Duration now = loop_.clock().Monotonic();
  for (const std::string& key : keys) {
    queue_.Add(key);
    waiting_since_.try_emplace(key, now);
  }
  Pump();
}

void ControllerRunner::Pump() {
  const std::string name = controller_->name();
  while (!stopping_ && workers_ < workers_max_) {
    std::optional<std::string> key = queue_.Take(loop_.clock().Monotonic());
    if (!key.has_value()) break;
    if (auto it = waiting_since_.find(*key); it != waiting_since_.end()) {
      metrics_.queue_duration.With({name}).Observe(absl::ToDoubleSeconds(loop_.clock().Monotonic() - it->second));
      waiting_since_.erase(it);
    }
    ++workers_;
    tasks_.Spawn(Work(*std::move(key)));
  }
  metrics_.depth.With({name}).Set(static_cast<double>(queue_.depth()));
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
  const std::string name = controller_->name();
  const absl::Duration start = loop_.clock().Monotonic();
  absl::StatusOr<Result> result = co_await controller_->Reconcile(key);
  const absl::Duration end = loop_.clock().Monotonic();
  metrics_.work_duration.With({name}).Observe(absl::ToDoubleSeconds(end - start));
  queue_.Done(key);
  --workers_;
  if (!result.ok()) {
    metrics_.retries.With({name}).Add();
    if (!absl::IsAborted(result.status()))
      LOG_DEBUG("controllers", "reconcile failed", {{"controller", name}, {"error", result.status().ToString()}});
    queue_.AddFailed(key, end);
  } else {
    queue_.Forget(key);
    if (result->requeue_after != absl::InfiniteDuration()) queue_.AddAt(key, end + result->requeue_after);
  }
  Pump();
}

}  // namespace atoll::controllers
