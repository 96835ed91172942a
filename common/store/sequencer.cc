#include "common/store/sequencer.h"

#include <pthread.h>

#include <chrono>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/store/failpoint.h"
#include "common/store/format.h"
#include "common/store/recovery.h"

namespace atoll::store {
namespace {

constexpr size_t kGroupTransactionsMax = 2048;
constexpr size_t kGroupBytesMax = 8u << 20;
constexpr absl::Duration kIdle =
    absl::Seconds(30);  // between looks at old log entries and snapshots when nothing is written

uint64_t MonotonicNanos() {
  return static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1));
}

bool IsConflict(const absl::Status& status) {
  return absl::IsAborted(status) || absl::IsAlreadyExists(status) || absl::IsNotFound(status);
}

absl::Status Failed() { return absl::InternalError("the store's disk has failed; it accepts no more writes"); }

}  // namespace

Sequencer::Sequencer(Parts parts, const StoreOptions& options, LogMarks marks)
    : parts_(parts),
      pending_max_(options.pending_max),
      pending_bytes_max_(options.pending_bytes_max),
      marks_(std::move(marks)),
      given_(parts.publisher->current()),
      state_(*parts.engine),
      thread_([this] { Run(); }) {
  pthread_setname_np(thread_.native_handle(), "sequencer");
}

Sequencer::~Sequencer() { Stop(); }

absl::Status Sequencer::Submit(Transaction txn, Done& done) {
  absl::Status invalid = ValidateTransaction(txn);
  if (!invalid.ok()) return invalid;
  const size_t bytes = TransactionBytes(txn);
  absl::MutexLock lock(&mutex_);
  if (failed()) return Failed();
  if (stopping_) return absl::UnavailableError("the store is stopping");
  if (unfinished_ >= pending_max_ || (unfinished_ > 0 && unfinished_bytes_ + bytes > pending_bytes_max_)) {
    counters_.rejected.fetch_add(1, std::memory_order_relaxed);
    return absl::ResourceExhaustedError("too many transactions are waiting for the disk");
  }
  ++unfinished_;
  unfinished_bytes_ += bytes;
  queue_.push_back(Pending{.txn = std::move(txn), .bytes = bytes, .done = std::move(done)});
  if (waiting_) work_.Signal();
  return absl::OkStatus();
}

void Sequencer::Run() {
  Group group;
  while (Take(&group)) {
    if (!group.empty()) Process(group);
    Trim();
    if (group.empty()) parts_.snapshots->Expire();
    group.clear();
  }
}

// What is waiting, up to a group's bounds; nothing when the store has been idle for a while. False at the end.
bool Sequencer::Take(Group* group) {
  absl::MutexLock lock(&mutex_);
  while (queue_.empty() && !stopping_) {
    waiting_ = true;
    const bool idle = work_.WaitWithTimeout(&mutex_, kIdle);
    waiting_ = false;
    if (idle) break;
  }
  size_t bytes = 0;
  while (!queue_.empty() && group->size() < kGroupTransactionsMax && bytes < kGroupBytesMax) {
    bytes += queue_.front().bytes;
    group->push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return !group->empty() || !stopping_;
}

void Sequencer::Process(Group& group) {
  writes_.clear();
  state_.Clear();
  events_ = std::make_shared<EventGroup>();
  log_bytes_ = 0;
  mark_.reset();
  newest_ = parts_.publisher->current();
  for (Pending& pending : group) Prepare(pending);
  if (!writes_.empty()) {
    const absl::Status status = Apply();
    if (status.ok()) {
      Publish();
    } else {
      FailGroup(group, status);
    }
  }
  ATOLL_FAILPOINT("before-ack");
  Acknowledge(group);
}

// Gives `pending` its result for the case that the group succeeds, and adds its writes and events to the group.
void Sequencer::Prepare(Pending& pending) {
  if (failed()) {
    pending.result = Failed();
    return;
  }
  const Revision revision{given_.value + 1};
  absl::StatusOr<std::vector<EventPtr>> events = Evaluate(state_, revision, &pending.txn);
  if (!events.ok()) {
    if (IsConflict(events.status())) counters_.conflicts.fetch_add(1, std::memory_order_relaxed);
    pending.result = std::move(events).status();
    return;
  }
  pending.needs_group = true;
  uint32_t index = 0;
  for (EventPtr& event : *events) {
    log_bytes_ += AppendWrites(*event, index++, &writes_);
    events_->bytes += EventBytes(*event);
    state_.Add(event);
    events_->events.push_back(std::move(event));
  }
  for (IndexOp& op : pending.txn.index) {
    const auto kind = op.remove ? kv::Write::Kind::kDelete : kv::Write::Kind::kPut;
    writes_.push_back({kind, kv::Space::kIndex, std::move(op.key), {}});
  }
  if (index > 0) given_ = newest_ = revision;
  pending.result = newest_;
}

absl::Status Sequencer::Apply() {
  if (!events_->events.empty()) {
    mark_ = marks_.Due(newest_, log_bytes_, parts_.clock->Monotonic());
    if (mark_) writes_.push_back(MarkWrite(*mark_, parts_.clock->Now()));
    writes_.push_back({kv::Write::Kind::kPut, kv::Space::kMeta, std::string(format::kMetaRevision),
                       format::EncodeNumber(newest_.value)});
  }
  ATOLL_FAILPOINT("before-wal");
  const uint64_t start = MonotonicNanos();
  absl::Status status = parts_.engine->Apply(writes_, /*sync=*/true);
  counters_.sync_nanos.fetch_add(MonotonicNanos() - start, std::memory_order_relaxed);
  ATOLL_FAILPOINT("after-wal");
  return status;
}

void Sequencer::Publish() {
  uint64_t bytes = 0;
  for (const kv::Write& write : writes_) bytes += write.key.size() + write.value.size();
  counters_.bytes_written.fetch_add(bytes, std::memory_order_relaxed);
  counters_.groups.fetch_add(1, std::memory_order_relaxed);
  if (!events_->events.empty()) marks_.Written(log_bytes_, mark_);
  events_->last = newest_;
  parts_.publisher->Publish(std::move(events_), std::make_shared<StoreView>(parts_.engine->NewView(), newest_));
}

void Sequencer::FailGroup(Group& group, const absl::Status& status) {
  const bool full = absl::IsResourceExhausted(status);
  if (!full) failed_.store(true);
  const absl::Status result = full ? absl::UnavailableError("the store's disk is full")
                                   : absl::InternalError(absl::StrCat(
                                         "the store's disk has failed; it accepts no more writes: ", status.message()));
  for (Pending& pending : group) {
    if (pending.needs_group) pending.result = result;
  }
}

void Sequencer::Acknowledge(Group& group) {
  size_t bytes = 0;
  uint64_t commits = 0;
  for (const Pending& pending : group) {
    bytes += pending.bytes;
    commits += pending.result.ok();
  }
  counters_.commits.fetch_add(commits, std::memory_order_relaxed);
  {
    absl::MutexLock lock(&mutex_);
    unfinished_ -= group.size();
    unfinished_bytes_ -= bytes;
  }
  // One post a loop, however many of its coroutines the group completes.
  absl::flat_hash_map<Loop*, std::vector<std::shared_ptr<CommitWaiter>>> by_loop;
  for (Pending& pending : group) {
    if (auto* callback = std::get_if<Callback>(&pending.done)) {
      (*callback)(std::move(pending.result));
      continue;
    }
    auto& waiter = std::get<std::shared_ptr<CommitWaiter>>(pending.done);
    waiter->result = std::move(pending.result);
    Loop* const loop = waiter->loop;
    by_loop[loop].push_back(std::move(waiter));
  }
  for (auto& [loop, waiters] : by_loop) {
    loop->Post([waiters = std::move(waiters)] {
      for (const auto& waiter : waiters) {
        if (waiter->handle) std::exchange(waiter->handle, {}).resume();
      }
    });
  }
}

// Drops the oldest part of the log, if it is time. Readers are told first. Needs no sync: the new start and the drop
// are one write, so a crash brings back both or neither; and if it fails, the log stays longer on disk than readers are
// told, which harms nobody.
void Sequencer::Trim() {
  if (failed()) return;
  const std::optional<Revision> through = marks_.TrimThrough(parts_.clock->Monotonic());
  if (!through) return;
  const Revision oldest{through->value + 1};
  parts_.publisher->Trim(oldest);
  std::string marks_end(format::kMetaMark);
  format::AppendBigEndian64(&marks_end, oldest.value);
  const std::vector<kv::Write> writes = {
      {kv::Write::Kind::kPut, kv::Space::kMeta, std::string(format::kMetaOldest), format::EncodeNumber(oldest.value)},
      {kv::Write::Kind::kDeleteRange, kv::Space::kLog, std::string(12, '\0'), format::LogKey(oldest, 0)},
      {kv::Write::Kind::kDeleteRange, kv::Space::kMeta, std::string(format::kMetaMark), std::move(marks_end)},
  };
  ATOLL_FAILPOINT("in-trim");
  const absl::Status status = parts_.engine->Apply(writes, /*sync=*/false);
  if (!status.ok() && !absl::IsResourceExhausted(status)) failed_.store(true);
}

void Sequencer::AddStats(StoreStats* stats) const {
  stats->commits_total = counters_.commits.load();
  stats->groups_total = counters_.groups.load();
  stats->bytes_written_total = counters_.bytes_written.load();
  stats->conflicts_total = counters_.conflicts.load();
  stats->rejected_total = counters_.rejected.load();
  stats->sync_nanos_total = counters_.sync_nanos.load();
}

void Sequencer::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    work_.Signal();
  }
  if (thread_.joinable()) thread_.join();
}

}  // namespace atoll::store
