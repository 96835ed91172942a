#include "shard/controllers/event_expiry/controller.h"

#include <optional>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "common/base/status.h"
#include "shard/controllers/event_expiry/sweep.h"
#include "shard/storage/expiry.h"
#include "shard/storage/stored_object.h"

namespace atoll::controllers {
namespace {

const api::GroupResource kEvents{"", "events"};
constexpr char kSweep[] = "sweep";
constexpr size_t kBatch = 1000;

struct Found {
  store::Transaction txn;          // removes what is due, and the entries that brought us there
  std::optional<absl::Time> next;  // of the oldest entry that is not due
  bool full = false;               // there may be more that is due
};

// Blocking: on the pool.
absl::StatusOr<Found> Find(const store::SnapshotView& view, absl::Time due_until) {
  Found out;
  std::vector<std::string> entries;
  const std::string scope = storage::ExpiryScope();
  RETURN_IF_ERROR(view.ScanIndex(scope, store::ScopeEnd(scope), [&](std::string_view key) {
    auto entry = storage::DecodeExpiryKey(key);
    if (entry.ok() && entry->written > due_until) {
      out.next = entry->written;
      return false;
    }
    if (entries.size() == kBatch) {
      out.full = true;
      return false;
    }
    entries.emplace_back(key);
    return true;
  }));
  absl::flat_hash_set<std::string> looked_at;  // an object written several times has as many entries
  for (std::string& index_key : entries) {
    auto entry = storage::DecodeExpiryKey(index_key);
    if (entry.ok() && looked_at.emplace(entry->object_key).second) {
      const std::string key(entry->object_key);
      ASSIGN_OR_RETURN(std::optional<store::Entry> object, view.Get(key));
      bool due = object.has_value();
      if (due) {
        auto decoded = storage::StoredObject(std::move(object->value), object->modified).Decode();
        // Written again since: a later entry knows.
        due = !decoded.ok() || LastWritten(*decoded) <= due_until;
      }
      if (due)
        out.txn.ops.push_back({store::Op::Kind::kDelete, key, "", store::Precondition::At(object->modified), true});
    }
    out.txn.index.push_back({.remove = true, .key = std::move(index_key)});
  }
  return out;
}

class EventExpiryController final : public Controller {
 public:
  explicit EventExpiryController(const Context& context) : ctx_(context) {}

  std::string name() const override { return "event_expiry"; }
  std::vector<std::string> scopes() const override { return {storage::ResourceScope(kEvents)}; }

  void OnEvent(const store::Event&, std::vector<std::string>* keys) override {
    seen_ = true;
    Schedule(keys);
  }
  void NeedsWork(std::string_view, std::string_view, std::vector<std::string>* keys) const override {
    if (keys->empty()) keys->emplace_back(kSweep);
  }

  Task<absl::StatusOr<Result>> Reconcile(std::string) override {
    seen_ = false;
    scheduled_ = true;  // also when an earlier process or a scan asked for it
    auto view = ctx_.store->Snapshot();
    const absl::Time now = ctx_.clock->Now(), due_until = now - ctx_.event_ttl;
    auto found = co_await ctx_.pool->Run([view, due_until] { return Find(*view, due_until); });
    if (!found.ok()) co_return found.status();
    if (!found->ok()) co_return found->status();
    Found sweep = **std::move(found);
    if (!sweep.txn.index.empty()) {
      auto committed = co_await ctx_.store->Commit(std::move(sweep.txn));
      // One of them was written meanwhile: the next pass sees it as it is then.
      if (absl::IsAborted(committed.status()) || absl::IsNotFound(committed.status()))
        co_return Result{.requeue_after = absl::ZeroDuration()};
      if (!committed.ok()) co_return committed.status();
    }
    if (sweep.full) co_return Result{.requeue_after = absl::ZeroDuration()};
    if (sweep.next.has_value()) co_return Result{.requeue_after = NextSweep(*sweep.next, ctx_.event_ttl, now)};
    if (seen_) co_return Result{.requeue_after = NextSweep(now, ctx_.event_ttl, now)};
    scheduled_ = false;
    co_return Result{};
  }

 private:
  void Schedule(std::vector<std::string>* keys) {
    if (!std::exchange(scheduled_, true)) keys->push_back(kSweep);
  }

  const Context ctx_;
  bool scheduled_ = false;  // the key waits or runs: more events need not say so again
  bool seen_ = false;       // an Event was written since the last sweep began; on the loop
};

}  // namespace

std::unique_ptr<Controller> NewEventExpiryController(const Context& context) {
  return std::make_unique<EventExpiryController>(context);
}

}  // namespace atoll::controllers
