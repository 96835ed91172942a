// The words of the revisioned store: revisions, entries, transactions, events. The store knows bytes and revisions, no
// kinds.
//
// KEYS are sequences of components, each terminated by one NUL byte ("configmaps\0\0root\0default\0a\0"); no component
// contains NUL. A *scope* is a prefix of a key that ends at a component's terminator. Scans and watches are over
// scopes.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace atoll::store {

// One counter a store: +1 per committed transaction, never reused, across restarts too. 0 is "before everything".
struct Revision {
  uint64_t value = 0;
  friend auto operator<=>(const Revision&, const Revision&) = default;
};

struct Entry {
  std::string value;
  Revision created;   // of the transaction that created the key's present life
  Revision modified;  // of the last transaction that wrote it
};

struct Precondition {
  enum class Kind : uint8_t { kNone, kAbsent, kExists, kAtRevision };
  Kind kind = Kind::kNone;
  Revision revision;  // with kAtRevision: Entry::modified must equal it

  static Precondition Absent() { return {Kind::kAbsent, {}}; }
  static Precondition Exists() { return {Kind::kExists, {}}; }
  static Precondition At(Revision r) { return {Kind::kAtRevision, r}; }
};

struct Op {
  enum class Kind : uint8_t { kPut, kDelete, kCheck };  // kCheck only checks its precondition
  Kind kind = Kind::kPut;
  std::string key;
  std::string value;  // kPut
  Precondition precondition;
  // Keep the previous value in the log and in the event. Always on for kDelete. Writers turn it on for a kPut when a
  // watcher may need the old state (labels or selectable fields changed).
  bool keep_previous = false;
};

// Secondary index entries, in a keyspace of their own that scans but is neither logged nor watched. Written in the same
// batch.
struct IndexOp {
  bool remove = false;
  std::string key;
};

// All of it commits, or none of it. Preconditions are judged by the state before the transaction; a key may be put or
// deleted once in it. A transaction that changes no object (checks only, deletes of missing keys, index entries only)
// takes no revision: it answers with the newest one. Bound: ops_max operations and bytes_max bytes. Errors:
// InvalidArgument when it is not like this.
struct Transaction {
  static constexpr size_t ops_max = 10'000;
  static constexpr size_t bytes_max = 16u << 20;
  std::vector<Op> ops;
  std::vector<IndexOp> index;
};

// One change of one key. Immutable once published; shared by all watchers of a process.
struct Event {
  enum class Kind : uint8_t { kCreated, kUpdated, kDeleted };
  Revision revision;
  Kind kind = Kind::kCreated;
  std::string key;
  std::string value;                    // kCreated, kUpdated: the new value. kDeleted: the last one.
  std::optional<std::string> previous;  // kUpdated with keep_previous
  Revision created;                     // Entry::created of the life this event belongs to
  Revision previous_modified;           // kUpdated, kDeleted
};
using EventPtr = std::shared_ptr<const Event>;

// Commit errors: AlreadyExists (kAbsent), NotFound (kExists, kAtRevision on a missing key), Aborted (another revision),
// ResourceExhausted (too many waiting: retry later), Unavailable (the store refuses writes: disk full), Internal (the
// disk failed; the store has stopped). This names which op failed, -1 when none did.
int FailedOp(const absl::Status& status);
absl::Status WithFailedOp(absl::Status status, int op);

// Key building: appends a component and its terminator.
void AppendComponent(std::string* key, std::string_view component);
// The smallest key greater than every key in `scope`; empty (no end) for the empty scope, which is all keys.
std::string ScopeEnd(std::string_view scope);
// Splits a key into its components (views into `key`).
std::vector<std::string_view> SplitKey(std::string_view key);

}  // namespace atoll::store
