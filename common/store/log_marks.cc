#include "common/store/log_marks.h"

#include <algorithm>

namespace atoll::store {
namespace {

constexpr size_t kStepsOfBytes = 512;
constexpr int kStepsOfAge = 16;

}  // namespace

LogMarks::LogMarks(size_t bytes_max, absl::Duration age_max, absl::Duration now)
    : bytes_max_(bytes_max), age_max_(age_max), last_mark_at_(now) {}

void LogMarks::Restore(Revision revision, uint64_t bytes, absl::Duration age, absl::Duration now) {
  age = std::clamp(age, absl::ZeroDuration(), age_max_);
  // What lies before the first mark that is left is at most one step.
  if (marks_.empty()) trimmed_bytes_ = bytes;
  marks_.push_back({revision, bytes, now - age});
  bytes_ = last_mark_bytes_ = bytes;
}

std::optional<LogMarks::Mark> LogMarks::Due(Revision revision, uint64_t group_bytes, absl::Duration now) const {
  const uint64_t bytes = bytes_ + group_bytes;
  const bool due =
      bytes - last_mark_bytes_ >= bytes_max_ / kStepsOfBytes || now - last_mark_at_ >= age_max_ / kStepsOfAge;
  if (!due) return std::nullopt;
  return Mark{revision, bytes, now};
}

void LogMarks::Written(uint64_t group_bytes, const std::optional<Mark>& mark) {
  bytes_ += group_bytes;
  if (!mark) return;
  marks_.push_back(*mark);
  last_mark_at_ = mark->at;
  last_mark_bytes_ = mark->bytes;
}

std::optional<Revision> LogMarks::TrimThrough(absl::Duration now) {
  std::optional<Revision> through;
  while (!marks_.empty()) {
    const Mark& oldest = marks_.front();
    const bool too_large = bytes_ - trimmed_bytes_ > bytes_max_;
    const bool too_old = now - oldest.at >= age_max_;
    if (!too_large && !too_old) break;
    through = oldest.revision;
    trimmed_bytes_ = oldest.bytes;
    marks_.pop_front();
  }
  return through;
}

}  // namespace atoll::store
