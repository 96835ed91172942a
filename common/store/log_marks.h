// LogMarks: when to trim the log, and to where.
//
// Now and then (by bytes and by time) a commit group carries a mark: "up to this revision the log has had so many
// bytes, and it is this late". A mark that is too old, or that lies too many bytes back, becomes the new start of the
// log. Marks are durable, so a restart neither forgets how large the log is nor how old; the wall clock serves only
// across a restart, and a jump of it moves only trimming.
//
// Pure: time is passed in. Owned by the sequencer. Bound: about 600 marks.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "absl/time/time.h"
#include "common/store/types.h"

namespace atoll::store {

class LogMarks {
 public:
  struct Mark {
    Revision revision;
    uint64_t bytes = 0;  // of the log, up to and including `revision`, since the store was created
    absl::Duration at;   // monotonic
  };

  LogMarks(size_t bytes_max, absl::Duration age_max, absl::Duration now);

  // Recovery, in revision order: a durable mark that was made `age` ago; then the bytes logged after the last mark.
  void Restore(Revision revision, uint64_t bytes, absl::Duration age, absl::Duration now);
  void RestoreTail(uint64_t bytes) { bytes_ += bytes; }

  // What `group_bytes` more up to `revision` would make: the mark that must be written with them, when one is due.
  std::optional<Mark> Due(Revision revision, uint64_t group_bytes, absl::Duration now) const;
  // They are written, with `mark` if there was one.
  void Written(uint64_t group_bytes, const std::optional<Mark>& mark);

  // The last revision to drop, when something must go; the caller trims.
  std::optional<Revision> TrimThrough(absl::Duration now);

  const std::deque<Mark>& marks() const { return marks_; }

 private:
  const size_t bytes_max_;
  const absl::Duration age_max_;
  std::deque<Mark> marks_;
  uint64_t bytes_ = 0;          // logged since the store was created
  uint64_t trimmed_bytes_ = 0;  // of those, dropped
  absl::Duration last_mark_at_;
  uint64_t last_mark_bytes_ = 0;
};

}  // namespace atoll::store
