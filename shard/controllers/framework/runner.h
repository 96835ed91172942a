// ControllerRunner: drives one controller from the store's log.
//
//   start:  the cursor that a previous process saved, if the log still reaches back to it: its parked keys, then the
//   log
//           from there. Else a scan of the scopes at a snapshot, and the log from there.
//   then:   events -> OnEvent -> queue -> Reconcile, `workers` at once, never two of the same key. A failed reconcile
//           runs again with back-off.
//   saving: some seconds after something was done, and at Stop (progress.h, cursor.h). A process that dies in between
//           does a few seconds' reconciles again.
//
// All on one loop. Bounds: a queue of kDepthMax keys, beyond which no more of the log is read.
#pragma once

#include <atomic>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "common/loop/loop.h"
#include "common/loop/sync.h"
#include "common/store/store.h"
#include "shard/controllers/framework/controller.h"
#include "shard/controllers/framework/progress.h"
#include "shard/controllers/framework/queue_metrics.h"
#include "shard/controllers/framework/work_queue.h"

namespace atoll::controllers {

class ControllerRunner {
 public:
  static constexpr size_t kDepthMax = 10'000;

  ControllerRunner(Loop& loop, store::Store& store, BlockingPool& pool, QueueMetrics& metrics,
                   std::unique_ptr<Controller> controller, int workers = 16);
  ~ControllerRunner();
  // On the loop. Returns at once.
  void Start();
  // Ends what runs, then saves the cursor. The store still accepts writes.
  Task<void> Stop();
  // True once everything that was committed before Start is in the queue or done. Any thread.
  bool synced() const { return synced_; }

 private:
  struct Reader {
    store::Follower* follower = nullptr;
    bool complete = false;    // what its scope holds has been read; before, `through` means nothing
    store::Revision through;  // every event of its scope up to here has become keys
    WakeUp room;              // in the queue
  };

  Task<void> Run();
  // The cursor of a previous process; nullopt: scan.
  Task<std::optional<store::Revision>> Resume();
  Task<void> Scan(std::shared_ptr<const store::SnapshotView> view, std::string scope, Reader& reader);
  Task<void> Follow(std::string scope, Reader& reader);
  Task<void> AwaitRoom(Reader& reader);
  Task<void> Work(std::string key);
  void Enqueue(const std::vector<std::string>& keys, store::Revision since);
  void Pump();
  void CheckSynced();
  // Up to where all readers have read; nullopt while one has not read its scope yet.
  std::optional<store::Revision> Covered() const;
  // Saves soon, unless a save is to come already.
  void Touch();
  Task<void> Save(bool last);

  Loop& loop_;
  store::Store& store_;
  BlockingPool& pool_;
  QueueMetrics& metrics_;
  const std::unique_ptr<Controller> controller_;
  const std::string name_;
  const uint64_t fingerprint_;
  const int workers_max_;
  int workers_ = 0;
  bool stopping_ = false;
  bool saving_ = false;
  std::atomic<bool> synced_{false};
  store::Revision started_at_;
  Loop::TimerId timer_ = 0, save_timer_ = 0;
  bool timer_set_ = false, save_timer_set_ = false;
  WorkQueue queue_;
  Progress progress_;
  absl::flat_hash_map<std::string, absl::Duration> waiting_since_;  // of queued keys
  std::list<Reader> readers_;                                       // one a scope
  TaskGroup tasks_;
};

}  // namespace atoll::controllers
