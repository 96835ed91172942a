// Controller: reconciles one kind of thing, fed by the store's log. ControllerRunner drives it.
//
// Lifecycle of a run: scan the followed scopes once at a snapshot (Wants decides what needs work), then follow the log
// from that snapshot's revision for ever. Keys are the controller's own (usually the store key of the object). All on
// one loop; `workers` reconciles at once, never two of the same key. A failed reconcile is retried with back-off; a
// reconcile may ask to run again later.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/loop/loop.h"
#include "common/loop/sync.h"
#include "common/metrics/metrics.h"
#include "common/store/store.h"
#include "shard/controllers/framework/work_queue.h"

namespace atoll::controllers {

// What a reconcile answers: done, or run again after a time.
struct Result {
  absl::Duration requeue_after = absl::InfiniteDuration();
};

class Controller {
 public:
  virtual ~Controller() = default;
  // The queue's name in logs and in workqueue_* metrics: kcp's where kcp has the same controller.
  virtual std::string name() const = 0;
  // Store scopes to follow.
  virtual std::vector<std::string> scopes() const = 0;
  // Keys to reconcile because of an event. Cheap; no I/O.
  virtual void OnEvent(const store::Event& event, std::vector<std::string>* keys) = 0;
  // The same for an object found by the scan at start-up; only what needs work, so that a restart does not touch
  // everything.
  virtual void OnScan(std::string_view store_key, std::string_view value, std::vector<std::string>* keys) = 0;
  virtual Task<absl::StatusOr<Result>> Reconcile(std::string key) = 0;
};

// The workqueue_* families, shared by all controllers.
struct QueueMetrics {
  explicit QueueMetrics(metrics::Registry* registry);
  metrics::Family<metrics::Counter>& adds;
  metrics::Family<metrics::Gauge>& depth;
  metrics::Family<metrics::Histogram>& queue_duration;
  metrics::Family<metrics::Histogram>& work_duration;
  metrics::Family<metrics::Counter>& retries;
};

class ControllerRunner {
 public:
  ControllerRunner(Loop& loop, store::Store& store, BlockingPool& pool, QueueMetrics& metrics,
                   std::unique_ptr<Controller> controller, int workers = 16);
  ~ControllerRunner();
  // On the loop. Start returns at once; Synced resumes after the scan.
  void Start();
  Task<void> Stop();
  bool synced() const { return synced_; }

 private:
  Task<void> Follow(std::string scope, store::Revision after);
  Task<void> Run();
  Task<void> Scan(std::shared_ptr<const store::SnapshotView> view);
  Task<void> Work(std::string key);
  void Pump();
  void Enqueue(const std::vector<std::string>& keys);

  Loop& loop_;
  store::Store& store_;
  BlockingPool& pool_;
  QueueMetrics& metrics_;
  std::unique_ptr<Controller> controller_;
  const int workers_max_;
  int workers_ = 0;
  bool stopping_ = false;
  std::atomic<bool> synced_{false};  // read by probes on other threads
  Loop::TimerId timer_ = 0;
  bool timer_set_ = false;
  WorkQueue queue_;
  absl::flat_hash_map<std::string, absl::Duration> waiting_since_;  // of queued keys
  TaskGroup tasks_;
  std::vector<store::Follower*> followers_;
};

}  // namespace atoll::controllers
