// WorkQueue: which keys wait to be reconciled, each at most once, with per-key back-off. A pure machine: time is passed
// in, no I/O.
//
// A key that is added while it is being worked on runs again afterwards. Bounded by the number of distinct keys (a key
// is one object); the owner keeps a cursor into the log, so it adds no faster than it reads. Not thread-safe; lives on
// its controller's loop.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/time/time.h"
#include "common/base/strings.h"

namespace atoll::controllers {

class WorkQueue {
 public:
  struct Options {
    absl::Duration base_delay = absl::Milliseconds(5);
    absl::Duration delay_max = absl::Minutes(5);
  };
  WorkQueue() : WorkQueue(Options()) {}
  explicit WorkQueue(Options options) : options_(options) {}

  // Now; no effect on a key that waits already. A delayed key becomes due now.
  void Add(std::string_view key);
  // Not before `at`, unless it is added again meanwhile.
  void AddAt(std::string_view key, absl::Duration at);
  // After a failure: at `now` plus the key's back-off, which doubles.
  void AddFailed(std::string_view key, absl::Duration now);
  // After a success: the back-off starts over.
  void Forget(std::string_view key);

  // A due key that nobody works on; it counts as being worked on until Done.
  std::optional<std::string> Take(absl::Duration now);
  void Done(std::string_view key);

  // When the next delayed key is due; nullopt when none waits.
  std::optional<absl::Duration> NextDue() const;
  // True while the key waits, now or for a time. Not while it is only being worked on.
  bool Holds(std::string_view key) const { return waiting_.contains(ToAbsl(key)) || due_.contains(ToAbsl(key)); }
  size_t depth() const { return ready_.size(); }
  size_t delayed() const { return delayed_.size(); }
  uint64_t adds_total() const { return adds_total_; }
  uint64_t retries_total() const { return retries_total_; }

 private:
  void Promote(absl::Duration now);

  const Options options_;
  std::deque<std::string> ready_;
  absl::flat_hash_set<std::string> waiting_;  // in ready_
  absl::flat_hash_set<std::string> working_;
  absl::flat_hash_set<std::string> again_;  // added while being worked on
  std::multimap<absl::Duration, std::string> delayed_;
  absl::flat_hash_map<std::string, absl::Duration> due_;  // of delayed keys
  absl::flat_hash_map<std::string, int> failures_;
  uint64_t adds_total_ = 0, retries_total_ = 0;
};

}  // namespace atoll::controllers
