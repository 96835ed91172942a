// Feed: the state of some scopes of a store, and then their changes, in bounded batches; resumable (see README.md).
//
//   scanning ──last page: synced──► following ──position trimmed──► scanning (reset) …
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/loop/sync.h"
#include "common/loop/task.h"
#include "common/store/store.h"

namespace atoll::feed {

struct Change {
  // kState: found while scanning.
  enum class Kind : uint8_t { kState, kCreated, kUpdated, kDeleted };
  Kind kind = Kind::kState;
  std::string key;
  std::string value;                    // kDeleted: the last one
  std::optional<std::string> previous;  // kUpdated, where the writer kept it
  store::Revision revision;

  bool deleted() const { return kind == Kind::kDeleted; }
};

struct Batch {
  bool reset = false;       // what follows replaces everything known
  bool synced = false;      // completes the state
  store::Revision through;  // where to resume from; 0 while scanning
  std::vector<Change> changes;
};

// Where a mirror stands.
struct Position {
  std::string store_id;
  store::Revision through;
};

struct Options {
  std::vector<std::string> scopes;  // disjoint
  std::optional<Position> resume;   // unset, or of another store: starts with the state
  size_t page_items_max = 256;
  size_t page_bytes_max = 1 << 20;
};

// Loop-owned: created, awaited and destroyed on one loop, before the store and the pool.
class Feed {
 public:
  Feed(store::Store* store, BlockingPool* pool, Options options);
  // REQUIRES: no Next is waiting.
  ~Feed();

  // The next batch; an empty one after `timeout` without a change, or Wake(). At most one at a time. Errors: Cancelled
  // (the store is stopping), Internal (the disk), ResourceExhausted (the pool).
  Task<absl::StatusOr<Batch>> Next(absl::Duration timeout);
  // Makes a waiting Next return.
  void Wake();
  // Resumes when nothing of the feed runs any more. Call before destruction once Next was called.
  Task<void> Stop();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace atoll::feed
