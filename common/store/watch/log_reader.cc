#include "common/store/watch/log_reader.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "common/base/status.h"
#include "common/store/format.h"

namespace atoll::store {
namespace {

class Collector {
 public:
  Collector(std::string_view scope, Revision first, const BatchLimits& limits)
      : scope_(scope), limits_(limits), previous_{first.value - 1} {}

  // False when the slice is full.
  absl::StatusOr<bool> Add(std::string_view log_key, std::string_view record) {
    ASSIGN_OR_RETURN(const Revision revision, format::LogRevision(log_key));
    if (revision > previous_ && Full()) return false;
    previous_ = revision;
    ++scanned_;
    ASSIGN_OR_RETURN(const std::string_view key, format::EventKey(log_key, record));
    if (!key.starts_with(scope_)) return true;
    ASSIGN_OR_RETURN(Event event, format::DecodeEvent(log_key, record));
    bytes_ += EventBytes(event);
    slice_.events.push_back(std::make_shared<const Event>(std::move(event)));
    return true;
  }

  Slice Take(bool complete, Revision last) {
    slice_.complete = complete;
    slice_.through = complete ? std::max(last, previous_) : previous_;
    return std::move(slice_);
  }

 private:
  bool Full() const {
    return slice_.events.size() >= limits_.events_max || bytes_ >= limits_.bytes_max || scanned_ >= limits_.scanned_max;
  }

  const std::string_view scope_;
  const BatchLimits limits_;
  Revision previous_;  // the last revision looked at
  size_t bytes_ = 0, scanned_ = 0;
  Slice slice_;
};

}  // namespace

absl::StatusOr<Slice> ReadLog(const kv::View& view, std::string_view scope, Revision first, Revision last,
                              const BatchLimits& limits) {
  Collector collector(scope, first, limits);
  absl::Status damaged;
  bool complete = true;
  RETURN_IF_ERROR(
      view.Scan(kv::Space::kLog, format::LogKey(first, 0), {}, [&](std::string_view key, std::string_view record) {
        const absl::StatusOr<bool> more = collector.Add(key, record);
        if (!more.ok()) damaged = more.status();
        complete = more.ok() && *more;
        return complete;
      }));
  RETURN_IF_ERROR(damaged);
  return collector.Take(complete, last);
}

}  // namespace atoll::store
