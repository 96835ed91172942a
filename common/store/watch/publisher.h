// Publisher: what is visible. The sequencer publishes a group once it is durable (W2); from then on Snapshot, Get,
// current() and followers show it.
//
// Thread-safe. Outlives the store as long as a follower does.
#pragma once

#include <atomic>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "common/loop/sync.h"
#include "common/store/snapshots.h"
#include "common/store/watch/hub.h"

namespace atoll::store {

class Publisher {
 public:
  // `pool` may be null: then followers read the log on their loop.
  Publisher(Ring ring, std::shared_ptr<const StoreView> view, Revision oldest_in_log, size_t ring_bytes_max,
            BlockingPool* pool);

  void Publish(EventGroupPtr group, std::shared_ptr<const StoreView> view);
  // Before the log is trimmed, so that no reader takes a trimmed log for a complete one.
  void Trim(Revision oldest_in_log) { oldest_in_log_.store(oldest_in_log.value); }
  void Stop();
  // Lets the view go, and with it the engine's files; followers may live on.
  void Close();

  // Null once closed.
  std::shared_ptr<const StoreView> view() const;
  Revision current() const { return {current_.load(std::memory_order_acquire)}; }
  Revision oldest_in_log() const { return {oldest_in_log_.load()}; }

  // The calling loop's hub, which lives as long as it has users: a loop without followers gets no posts.
  std::shared_ptr<Hub> Join(Loop& loop);
  void Leave(const std::shared_ptr<Hub>& hub);

  BlockingPool* pool() const { return pool_; }
  struct Stats {
    uint64_t ring_events = 0, ring_bytes = 0, followers = 0;
  };
  Stats stats() const;

 private:
  struct Joined {
    std::shared_ptr<Hub> hub;
    size_t users = 0;
  };

  const size_t ring_bytes_max_;
  BlockingPool* const pool_;
  std::atomic<uint64_t> current_;
  std::atomic<uint64_t> oldest_in_log_;

  mutable absl::Mutex mutex_;
  Ring ring_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<const StoreView> view_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<Loop*, Joined> hubs_ ABSL_GUARDED_BY(mutex_);
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace atoll::store
