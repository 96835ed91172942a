// Progress: what of the log a controller has dealt with, and what of that must be on disk, so that a process that dies
// at any moment goes on where it was (I12). A pure machine.
//
// What is on disk is a cursor and a set of parked keys, with this promise: whatever the log holds up to the cursor
// needs no more work, but for the parked keys. A later life starts the parked keys and follows the log from the cursor.
//
//   a key that is done soon     is never written: the cursor waits for it (the log is what remembers it)
//   a key that takes long       (a finalizer, a time to look again, back-off) is parked: written once, by name, and the
//                               cursor passes it
//   a key found by a scan       has its reason before the log's reach: parked as well
//
// "Long" is: it waits already since before the newest revision at the previous save. So a busy controller writes one
// small transaction a save, whatever its throughput.
//
// Bound: parked_max keys on disk. While more would be parked the cursor stands still; if the log is trimmed past it,
// the next life scans.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "common/store/types.h"

namespace atoll::controllers {

class Progress {
 public:
  static constexpr size_t kParkedMax = 4000;
  explicit Progress(size_t parked_max = kParkedMax) : parked_max_(parked_max) {}

  // What a previous life left on disk. Its keys are pending.
  void Restore(store::Revision cursor, const std::vector<std::string>& parked);

  // `key` is to be reconciled because of what the log says at `since`; {0} when the reason is older than the cursor. A
  // key that is pending already keeps its older reason.
  void Begin(std::string_view key, store::Revision since);
  // The reason a pending key has; {0} otherwise. For keys that follow from it.
  store::Revision Since(std::string_view key) const;
  // Reconciled, and nothing asks for it again.
  void End(std::string_view key);
  size_t pending() const { return pending_.size(); }

  // A save: what is to be written so that the promise holds with the new cursor. All of it, or nothing.
  struct Save {
    std::optional<store::Revision> previous;  // the cursor on disk
    store::Revision cursor;
    std::vector<std::string> park, unpark;
  };
  // `covered`: every event up to it has been turned into keys. `last`: the process stops, so everything pending is
  // parked and the cursor comes to `covered`. Nullopt: nothing to write.
  std::optional<Save> Plan(store::Revision covered, bool last);
  // The save is on disk.
  void Saved(const Save& save);

 private:
  const size_t parked_max_;
  absl::flat_hash_map<std::string, store::Revision> pending_;
  absl::flat_hash_set<std::string> parked_;  // on disk
  std::optional<store::Revision> cursor_;    // on disk
  store::Revision covered_;                  // at the previous plan
};

}  // namespace atoll::controllers
