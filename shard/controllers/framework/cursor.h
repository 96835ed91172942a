// How a controller's progress lies in the store: in the index keyspace, so that saving it is no event for anybody and
// takes no revision.
//
//   "cursor" \0 <controller> \0 "at"  \0 <revision, 16 hex digits>-<fingerprint, 16 hex digits> \0
//   "cursor" \0 <controller> \0 "key" \0 | parked key, as it is
//
// The fingerprint is of what the controller follows and of its version: a cursor of another one counts for nothing,
// since it passed events that the present one would have wanted.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/store/store.h"
#include "shard/controllers/framework/progress.h"

namespace atoll::controllers {

struct SavedProgress {
  store::Revision cursor;
  std::vector<std::string> parked;
};

uint64_t FingerprintOf(const std::vector<std::string>& scopes, int version);

// Nullopt when there is none that counts. Blocking.
absl::StatusOr<std::optional<SavedProgress>> LoadProgress(const store::SnapshotView& view, std::string_view controller,
                                                          uint64_t fingerprint);
// The one transaction of a save.
store::Transaction SaveTransaction(std::string_view controller, uint64_t fingerprint, const Progress::Save& save);
// Removes all that is there of the controller. Blocking read; at most a transaction's operations, the rest stays
// harmlessly.
absl::StatusOr<store::Transaction> ForgetTransaction(const store::SnapshotView& view, std::string_view controller);

}  // namespace atoll::controllers
