// Sequencer: the only writer of a store.
//
//   Submit --> queue --take all--> check and give revisions --> one Apply(sync) --> publish (W2) --> acknowledge
//
// Preconditions are checked in order against the state *including the earlier transactions of the same group*, so
// revisions are dense and event order is commit order (W1). A transaction that fails does not concern the others of its
// group.
//
// Owned by the store. Submit, stats and failed: any thread; everything else runs on the sequencer's thread.
// Bounds: pending_max transactions and pending_bytes_max bytes wait or are being written; beyond it Submit answers
// ResourceExhausted. Disk full: the group's transactions get Unavailable, the next group tries again; their revisions
// are not used again. Any other error of Apply: the store has failed; this group and all later transactions get
// Internal, nothing is retried.
#pragma once

#include <atomic>
#include <coroutine>
#include <deque>
#include <memory>
#include <thread>
#include <variant>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/store/kv/engine.h"
#include "common/store/log_marks.h"
#include "common/store/store.h"
#include "common/store/transaction.h"
#include "common/store/watch/publisher.h"

namespace atoll::store {

// A coroutine that waits for its commit. `handle` belongs to the loop; `result` is written before the loop is told.
struct CommitWaiter {
  Loop* loop = nullptr;
  std::coroutine_handle<> handle;
  absl::StatusOr<Revision> result = absl::UnknownError("not committed yet");
};

class Sequencer {
 public:
  using Callback = absl::AnyInvocable<void(absl::StatusOr<Revision>)>;
  using Done = std::variant<Callback, std::shared_ptr<CommitWaiter>>;

  // All outlive it.
  struct Parts {
    kv::Engine* engine;
    Publisher* publisher;
    KeptSnapshots* snapshots;
    const Clock* clock;
  };
  Sequencer(Parts parts, const StoreOptions& options, LogMarks marks);
  ~Sequencer();  // Stops.

  // Fails at once, and then leaves `done` alone, when the transaction is malformed, too many wait, or the store has
  // failed or stopped.
  absl::Status Submit(Transaction txn, Done& done);

  bool failed() const { return failed_.load(); }
  void AddStats(StoreStats* stats) const;
  // Finishes what is queued, joins the thread.
  void Stop();

 private:
  struct Pending {
    Transaction txn;
    size_t bytes = 0;
    Done done;
    absl::StatusOr<Revision> result = absl::UnknownError("not committed yet");
    bool needs_group = false;  // its result stands only if the group's Apply succeeds
  };
  using Group = std::vector<Pending>;
  struct Counters {
    std::atomic<uint64_t> commits{0}, groups{0}, bytes_written{0}, conflicts{0}, rejected{0}, sync_nanos{0};
  };

  void Run();
  bool Take(Group* group);
  void Process(Group& group);
  void Prepare(Pending& pending);
  absl::Status Apply();
  void Publish();
  void FailGroup(Group& group, const absl::Status& status);
  void Acknowledge(Group& group);
  void Trim();

  const Parts parts_;
  const size_t pending_max_;
  const size_t pending_bytes_max_;
  std::atomic<bool> failed_{false};
  Counters counters_;

  mutable absl::Mutex mutex_;
  absl::CondVar work_;
  std::deque<Pending> queue_ ABSL_GUARDED_BY(mutex_);
  size_t unfinished_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t unfinished_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool waiting_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  // The sequencer thread's: the group at hand.
  LogMarks marks_;
  std::optional<LogMarks::Mark> mark_;
  Revision given_;   // the last revision given to any transaction, also to one whose group failed
  Revision newest_;  // of the published ones and the group at hand
  GroupState state_;
  std::vector<kv::Write> writes_;
  std::shared_ptr<EventGroup> events_;
  uint64_t log_bytes_ = 0;

  std::thread thread_;  // last: it uses all of the above
};

}  // namespace atoll::store
