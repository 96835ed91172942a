#include "common/store/transaction.h"

#include <memory>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/store/format.h"

namespace atoll::store {
namespace {

// `entry` is the key's present life.
absl::Status CheckPrecondition(const Precondition& precondition, const std::optional<Entry>& entry) {
  switch (precondition.kind) {
    case Precondition::Kind::kNone:
      return absl::OkStatus();
    case Precondition::Kind::kAbsent:
      return entry ? absl::AlreadyExistsError("the key exists") : absl::OkStatus();
    case Precondition::Kind::kExists:
      return entry ? absl::OkStatus() : absl::NotFoundError("the key does not exist");
    case Precondition::Kind::kAtRevision:
      if (!entry) return absl::NotFoundError("the key does not exist");
      if (entry->modified == precondition.revision) return absl::OkStatus();
      return absl::AbortedError(absl::StrCat("the key was modified at revision ", entry->modified.value, ", not ",
                                             precondition.revision.value));
  }
  return absl::InternalError("unknown kind of precondition");
}

EventPtr PutEvent(Op&& op, std::optional<Entry>&& before, Revision revision) {
  auto event = std::make_shared<Event>();
  event->revision = revision;
  event->key = std::move(op.key);
  event->value = std::move(op.value);
  event->created = revision;
  if (before) {
    event->kind = Event::Kind::kUpdated;
    event->created = before->created;
    event->previous_modified = before->modified;
    if (op.keep_previous) event->previous = std::move(before->value);
  }
  return event;
}

EventPtr DeleteEvent(Op&& op, Entry&& before, Revision revision) {
  auto event = std::make_shared<Event>();
  event->revision = revision;
  event->kind = Event::Kind::kDeleted;
  event->key = std::move(op.key);
  event->value = std::move(before.value);
  event->created = before.created;
  event->previous_modified = before.modified;
  return event;
}

bool Changes(const Op& op, const std::optional<Entry>& before) {
  return op.kind == Op::Kind::kPut || (op.kind == Op::Kind::kDelete && before.has_value());
}

}  // namespace

size_t TransactionBytes(const Transaction& txn) {
  size_t bytes = 0;
  for (const Op& op : txn.ops) bytes += op.key.size() + op.value.size();
  for (const IndexOp& op : txn.index) bytes += op.key.size();
  return bytes;
}

absl::Status ValidateTransaction(const Transaction& txn) {
  if (txn.ops.size() + txn.index.size() > Transaction::ops_max) {
    return absl::InvalidArgumentError(absl::StrCat("a transaction has at most ", Transaction::ops_max, " operations"));
  }
  if (TransactionBytes(txn) > Transaction::bytes_max) {
    return absl::InvalidArgumentError(absl::StrCat("a transaction has at most ", Transaction::bytes_max, " bytes"));
  }
  absl::flat_hash_set<std::string_view> written;
  for (size_t i = 0; i < txn.ops.size(); ++i) {
    const Op& op = txn.ops[i];
    if (op.key.empty() || op.key.back() != '\0') {
      return WithFailedOp(absl::InvalidArgumentError("a key is not empty and ends at the end of a component"),
                          static_cast<int>(i));
    }
    if (op.kind == Op::Kind::kCheck || txn.ops.size() == 1) continue;
    if (!written.insert(op.key).second) {
      return WithFailedOp(absl::InvalidArgumentError("a key is written twice in one transaction"), static_cast<int>(i));
    }
  }
  for (const IndexOp& op : txn.index) {
    if (op.key.empty()) return absl::InvalidArgumentError("an index key is not empty");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<Entry>> GroupState::Get(std::string_view key) const {
  if (!changed_.empty()) {
    if (const auto it = changed_.find(key); it != changed_.end()) {
      const Event& event = *it->second;
      if (event.kind == Event::Kind::kDeleted) return std::optional<Entry>();
      return std::optional<Entry>(Entry{event.value, event.created, event.revision});
    }
  }
  ASSIGN_OR_RETURN(std::optional<std::string> record, engine_.Get(kv::Space::kObjects, key));
  if (!record) return std::optional<Entry>();
  ASSIGN_OR_RETURN(Entry entry, format::TakeEntry(key, *std::move(record)));
  return std::optional<Entry>(std::move(entry));
}

absl::StatusOr<std::vector<EventPtr>> Evaluate(const GroupState& state, Revision revision, Transaction* txn) {
  // All checks come first: they see the state before the transaction, and a failure must leave nothing behind.
  std::vector<std::optional<Entry>> before(txn->ops.size());
  size_t changes = 0;
  for (size_t i = 0; i < txn->ops.size(); ++i) {
    const Op& op = txn->ops[i];
    ASSIGN_OR_RETURN(before[i], state.Get(op.key));
    if (absl::Status status = CheckPrecondition(op.precondition, before[i]); !status.ok()) {
      return WithFailedOp(std::move(status), static_cast<int>(i));
    }
    changes += Changes(op, before[i]);
  }
  std::vector<EventPtr> events;
  events.reserve(changes);
  for (size_t i = 0; i < txn->ops.size(); ++i) {
    Op& op = txn->ops[i];
    if (!Changes(op, before[i])) continue;
    events.push_back(op.kind == Op::Kind::kPut ? PutEvent(std::move(op), std::move(before[i]), revision)
                                               : DeleteEvent(std::move(op), *std::move(before[i]), revision));
  }
  return events;
}

size_t AppendWrites(const Event& event, uint32_t index, std::vector<kv::Write>* writes) {
  if (event.kind == Event::Kind::kDeleted) {
    writes->push_back({kv::Write::Kind::kDelete, kv::Space::kObjects, event.key, {}});
  } else {
    writes->push_back({kv::Write::Kind::kPut, kv::Space::kObjects, event.key,
                       format::EncodeObject(event.created, event.revision, event.value)});
  }
  std::string record = format::EncodeEvent(event);
  const size_t bytes = record.size();
  writes->push_back({kv::Write::Kind::kPut, kv::Space::kLog, format::LogKey(event.revision, index), std::move(record)});
  return bytes;
}

}  // namespace atoll::store
