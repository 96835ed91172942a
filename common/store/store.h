// Store: transactions, reads at a snapshot, a log to follow. One sequencer thread writes; any loop reads and follows.
//
//   auto committed = co_await store.Commit(std::move(txn));           // resumes on the calling loop once it is on disk
//   (W2) auto entry     = co_await store.Get(key);                         // newest committed state auto snapshot  =
//   store.Snapshot();                                // consistent, for scans; blocking reads, see below auto follower
//   = store.Follow(scope, after);                      // events of `scope` with revision > after, in order (W1)
//
// Nothing above this folder knows RocksDB.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/loop/sync.h"
#include "common/loop/task.h"
#include "common/store/types.h"

namespace atoll::store {

namespace kv {
class Engine;
}

struct Batch {
  std::vector<EventPtr> events;  // in revision order; empty after a time-out or a wake-up
  // Every matching event with a revision <= through has been returned by this follower: what a bookmark may say (W3).
  Revision through;
};

// A cursor into the log. Loop-owned: created, awaited and destroyed on one loop. Costs no memory while it waits beyond
// itself.
class Follower {
 public:
  // REQUIRES: no Next is waiting, unless its coroutine was destroyed before.
  virtual ~Follower() = default;
  // Waits for at least one event, `timeout`, or Wake(). Bounded by `events_max` and about `bytes_max`, but a
  // transaction is never cut. A follower that fell behind the in-memory ring reads the log on disk. Errors: OutOfRange
  // (the position was trimmed: HTTP 410), Cancelled (store stopping).
  virtual Task<absl::StatusOr<Batch>> Next(absl::Duration timeout, size_t events_max = 256,
                                           size_t bytes_max = 1 << 20) = 0;
  // Makes a waiting Next return an empty batch.
  virtual void Wake() = 0;
};

// A consistent view. Thread-safe; its reads may touch the disk, so call them on a BlockingPool unless `Warm` says the
// data is in memory. Holding one keeps old data alive: bounded by StoreOptions::snapshot_age_max for those kept by
// SnapshotAt.
class SnapshotView {
 public:
  virtual ~SnapshotView() = default;
  virtual Revision revision() const = 0;
  virtual absl::StatusOr<std::optional<Entry>> Get(std::string_view key) const = 0;
  // Calls `visit(key, value, modified)` for the keys in [begin, end) in order until it returns false. Views are valid
  // during the call.
  virtual absl::Status Scan(
      std::string_view begin, std::string_view end,
      const std::function<bool(std::string_view key, std::string_view value, Revision modified)>& visit) const = 0;
  // Index keys in [begin, end).
  virtual absl::Status ScanIndex(std::string_view begin, std::string_view end,
                                 const std::function<bool(std::string_view key)>& visit) const = 0;
};

struct StoreOptions {
  size_t pending_max = 10'000;                     // waiting transactions; Commit answers ResourceExhausted beyond it
  size_t pending_bytes_max = 256u << 20;           // and their bytes
  size_t ring_bytes_max = 32u << 20;               // newest events in memory
  absl::Duration log_age_max = absl::Minutes(60);  // older log entries are trimmed
  size_t log_bytes_max = 512u << 20;
  absl::Duration snapshot_age_max = absl::Minutes(5);  // for continue tokens
  size_t snapshots_max = 1000;                         // kept for SnapshotAt; the oldest goes first
  const Clock* clock = nullptr;                        // null: SystemClock(). Outlives the store
};

struct StoreStats {
  uint64_t commits_total = 0, groups_total = 0, bytes_written_total = 0, conflicts_total = 0, rejected_total = 0;
  uint64_t sync_nanos_total = 0;
  uint64_t followers = 0, ring_events = 0, ring_bytes = 0;
  Revision current, oldest_in_log;
};

class Store {
 public:
  // Opens (or creates) on `engine`, recovers the revision and the newest part of the log. Blocking; at start-up only.
  static absl::StatusOr<std::unique_ptr<Store>> Open(std::unique_ptr<kv::Engine> engine, StoreOptions options,
                                                     BlockingPool* pool);
  virtual ~Store() = default;

  // A UUID drawn when the store was created. A position is good only for the store it came from: who resumes a stream
  // compares ids.
  virtual const std::string& id() const = 0;

  // See FailedOp() in types.h for errors. Any loop.
  virtual Task<absl::StatusOr<Revision>> Commit(Transaction txn) = 0;
  // For threads without a loop (start-up, tests): the callback runs on the sequencer thread and must not block.
  virtual void CommitThen(Transaction txn, absl::AnyInvocable<void(absl::StatusOr<Revision>)> done) = 0;

  // Newest published state. Answers on the loop when the block is in memory, else through the pool.
  virtual Task<absl::StatusOr<std::optional<Entry>>> Get(std::string key) = 0;
  // The newest published revision. Thread-safe, wait-free.
  virtual Revision current() const = 0;

  virtual std::shared_ptr<const SnapshotView> Snapshot() = 0;
  // Keeps `view` findable by its revision for snapshot_age_max.
  virtual void Keep(std::shared_ptr<const SnapshotView> view) = 0;
  // A kept view, or the current one when `at` is current. OutOfRange when it is gone (HTTP 410).
  virtual absl::StatusOr<std::shared_ptr<const SnapshotView>> SnapshotAt(Revision at) = 0;

  // Follows `scope` (see types.h) from after `after`. A position before the trimmed part fails on the first Next with
  // OutOfRange; one in the future waits (W4). On the calling loop.
  virtual std::unique_ptr<Follower> Follow(std::string scope, Revision after) = 0;
  // Resumes once current() >= at; DeadlineExceeded otherwise.
  virtual Task<absl::Status> WaitFor(Revision at, absl::Duration timeout) = 0;
  virtual Revision oldest_in_log() const = 0;

  // True once a write to the disk failed; the process must stop serving writes (and is not ready).
  virtual bool failed() const = 0;
  // True while the disk is full: commits answer Unavailable, reads go on. Over when there is space again.
  virtual bool full() const = 0;
  virtual StoreStats stats() const = 0;
  // Stops the sequencer after what is queued; followers end with Cancelled. Blocking.
  virtual void Stop() = 0;
};

}  // namespace atoll::store
