#include "common/store/watch/ring.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"

namespace atoll::store {

size_t EventBytes(const Event& event) {
  return sizeof(Event) + event.key.size() + event.value.size() + (event.previous ? event.previous->size() : 0);
}

void Ring::Append(EventGroupPtr group) {
  DCHECK(group->last > last_ && (group->events.empty() || group->events.front()->revision > last_));
  last_ = group->last;
  bytes_ += group->bytes;
  events_ += group->events.size();
  groups_.push_back(std::move(group));
  while (bytes_ > bytes_max_ && groups_.size() > 1) {
    const EventGroup& oldest = *groups_.front();
    from_ = oldest.last;
    bytes_ -= oldest.bytes;
    events_ -= oldest.events.size();
    groups_.pop_front();
  }
}

void Ring::Reset(Revision from) {
  groups_.clear();
  from_ = last_ = from;
  bytes_ = events_ = 0;
}

Slice Ring::Read(std::string_view scope, Revision first, const BatchLimits& limits) const {
  DCHECK(first > from_);
  Slice slice;
  size_t bytes = 0, scanned = 0;
  Revision previous{first.value - 1};  // the revision before the event at hand
  auto group = std::lower_bound(groups_.begin(), groups_.end(), first,
                                [](const EventGroupPtr& g, Revision revision) { return g->last < revision; });
  for (; group != groups_.end(); ++group) {
    const auto& events = (*group)->events;
    auto event = std::lower_bound(events.begin(), events.end(), first,
                                  [](const EventPtr& e, Revision revision) { return e->revision < revision; });
    for (; event != events.end(); ++event) {
      const bool boundary = (*event)->revision > previous;
      const bool full =
          slice.events.size() >= limits.events_max || bytes >= limits.bytes_max || scanned >= limits.scanned_max;
      if (boundary && full) {
        slice.through = previous;
        return slice;
      }
      previous = (*event)->revision;
      ++scanned;
      if (!(*event)->key.starts_with(scope)) continue;
      bytes += EventBytes(**event);
      slice.events.push_back(*event);
    }
  }
  slice.through = std::max(last_, previous);
  slice.complete = true;
  return slice;
}

}  // namespace atoll::store
