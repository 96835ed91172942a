// What a transaction does to the store, worked out before anything is written. Pure but for reads.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/store/kv/engine.h"
#include "common/store/types.h"

namespace atoll::store {

// InvalidArgument for what no state of the store could accept.
absl::Status ValidateTransaction(const Transaction& txn);
size_t TransactionBytes(const Transaction& txn);

// The state a commit group builds on: the engine's, and over it what earlier transactions of the group did. Sequencer
// thread.
class GroupState {
 public:
  explicit GroupState(const kv::Engine& engine) : engine_(engine) {}

  // The key's present life; nullopt when there is none. Errors: DataLoss, Internal.
  absl::StatusOr<std::optional<Entry>> Get(std::string_view key) const;
  // Makes a transaction's events visible to the later ones of the group. The events outlive this.
  void Add(const EventPtr& event) { changed_[event->key] = event.get(); }
  void Clear() { changed_.clear(); }

 private:
  const kv::Engine& engine_;
  absl::flat_hash_map<std::string_view, const Event*> changed_;
};

// Checks the preconditions, then turns `txn`'s operations into the events of `revision`, moving keys and values out of
// it. No events: the transaction changes nothing. Errors as FailedOp() says; then `txn` is spent and nothing is to be
// written.
absl::StatusOr<std::vector<EventPtr>> Evaluate(const GroupState& state, Revision revision, Transaction* txn);

// Appends what makes `event`, the `index`-th of its transaction, durable: the object and the log record. Returns the
// log's bytes.
size_t AppendWrites(const Event& event, uint32_t index, std::vector<kv::Write>* writes);

}  // namespace atoll::store
