// The embedded store: puts the parts together. What each does is said in its header.
//
//   Commit --> Sequencer --> kv::Engine
//                  `-> Publisher --> Hub (one a loop) --> Follower
//   Get, Snapshot <-- Publisher's view; SnapshotAt <-- KeptSnapshots
#include "common/store/store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/status.h"
#include "common/store/recovery.h"
#include "common/store/sequencer.h"
#include "common/store/snapshots.h"
#include "common/store/watch/follower.h"

namespace atoll::store {
namespace {

// Resumes on the loop that awaits it, with the commit's result. Destroying the waiting coroutine ends its wait.
class CommitAwaiter {
 public:
  CommitAwaiter(Sequencer& sequencer, Transaction txn) : sequencer_(sequencer), txn_(std::move(txn)) {
    waiter_->loop = Loop::Current();
    CHECK(waiter_->loop != nullptr);
  }
  ~CommitAwaiter() { waiter_->handle = {}; }
  CommitAwaiter(const CommitAwaiter&) = delete;
  CommitAwaiter& operator=(const CommitAwaiter&) = delete;

  bool await_ready() const { return false; }
  bool await_suspend(std::coroutine_handle<> handle) {
    waiter_->handle = handle;
    Sequencer::Done done = waiter_;
    absl::Status refused = sequencer_.Submit(std::move(txn_), done);
    if (refused.ok()) return true;
    waiter_->result = std::move(refused);
    return false;
  }
  absl::StatusOr<Revision> await_resume() { return std::move(waiter_->result); }

 private:
  Sequencer& sequencer_;
  Transaction txn_;
  const std::shared_ptr<CommitWaiter> waiter_ = std::make_shared<CommitWaiter>();
};

class EmbeddedStore final : public Store {
 public:
  EmbeddedStore(std::unique_ptr<kv::Engine> engine, const StoreOptions& options, const Clock& clock, BlockingPool* pool,
                Recovered recovered)
      : id_(std::move(recovered.id)),
        engine_(std::move(engine)),
        pool_(pool),
        snapshots_(options.snapshots_max, options.snapshot_age_max, clock),
        publisher_(std::make_shared<Publisher>(std::move(recovered.ring),
                                               std::make_shared<StoreView>(engine_->NewView(), recovered.current),
                                               recovered.oldest_in_log, options.ring_bytes_max, pool)),
        sequencer_({engine_.get(), publisher_.get(), &snapshots_, &clock}, options, std::move(recovered.marks)) {}

  ~EmbeddedStore() override {
    EmbeddedStore::Stop();
    publisher_->Close();
  }

  const std::string& id() const override { return id_; }

  Task<absl::StatusOr<Revision>> Commit(Transaction txn) override {
    co_return co_await CommitAwaiter(sequencer_, std::move(txn));
  }

  void CommitThen(Transaction txn, absl::AnyInvocable<void(absl::StatusOr<Revision>)> callback) override {
    Sequencer::Done done = std::move(callback);
    absl::Status refused = sequencer_.Submit(std::move(txn), done);
    if (!refused.ok()) std::get<Sequencer::Callback>(done)(std::move(refused));
  }

  Task<absl::StatusOr<std::optional<Entry>>> Get(std::string key) override {
    struct Read {
      absl::StatusOr<std::optional<Entry>> entry;
    };
    std::shared_ptr<const StoreView> view = publisher_->view();
    absl::StatusOr<std::optional<Entry>> cached = view->GetCached(key);
    if (!absl::IsUnavailable(cached.status())) co_return cached;
    if (pool_ == nullptr) co_return view->Get(key);
    absl::StatusOr<Read> read =
        co_await pool_->Run([view, key]() mutable { return Read{std::exchange(view, nullptr)->Get(key)}; });
    if (!read.ok()) co_return read.status();
    co_return std::move(read->entry);
  }

  Revision current() const override { return publisher_->current(); }

  std::shared_ptr<const SnapshotView> Snapshot() override { return publisher_->view(); }

  void Keep(std::shared_ptr<const SnapshotView> view) override {
    const bool newest = view->revision() == publisher_->current();
    snapshots_.Keep(std::move(view), newest);
  }

  absl::StatusOr<std::shared_ptr<const SnapshotView>> SnapshotAt(Revision at) override {
    std::shared_ptr<const SnapshotView> newest = publisher_->view();
    if (newest->revision() == at) return newest;
    if (auto kept = snapshots_.Find(at)) return kept;
    return absl::OutOfRangeError(absl::StrCat("the snapshot at revision ", at.value, " is gone"));
  }

  std::unique_ptr<Follower> Follow(std::string scope, Revision after) override {
    return NewFollower(publisher_, std::move(scope), after);
  }

  Task<absl::Status> WaitFor(Revision at, absl::Duration timeout) override {
    return WaitForRevision(publisher_, at, timeout);
  }

  Revision oldest_in_log() const override { return publisher_->oldest_in_log(); }
  bool failed() const override { return sequencer_.failed(); }
  bool full() const override { return engine_->full(); }

  StoreStats stats() const override {
    StoreStats stats;
    sequencer_.AddStats(&stats);
    const Publisher::Stats published = publisher_->stats();
    stats.followers = published.followers;
    stats.ring_events = published.ring_events;
    stats.ring_bytes = published.ring_bytes;
    stats.current = current();
    stats.oldest_in_log = oldest_in_log();
    return stats;
  }

  void Stop() override {
    sequencer_.Stop();
    publisher_->Stop();
  }

 private:
  const std::string id_;
  const std::unique_ptr<kv::Engine> engine_;
  BlockingPool* const pool_;
  KeptSnapshots snapshots_;
  const std::shared_ptr<Publisher> publisher_;
  Sequencer sequencer_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> Store::Open(std::unique_ptr<kv::Engine> engine, StoreOptions options,
                                                   BlockingPool* pool) {
  const Clock& clock = options.clock != nullptr ? *options.clock : SystemClock();
  ASSIGN_OR_RETURN(Recovered recovered, Recover(*engine, options, clock));
  return std::make_unique<EmbeddedStore>(std::move(engine), options, clock, pool, std::move(recovered));
}

}  // namespace atoll::store
