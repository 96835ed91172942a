// Ring: the newest events in memory, as the groups in which they were committed. Not synchronized: the store's own is
// guarded by its mutex, each hub's belongs to one loop; they share the groups.
//
// Bound: `bytes_max`, and always at least the newest group. Older groups go first.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <string_view>
#include <vector>

#include "common/store/types.h"

namespace atoll::store {

// What one commit group published. Immutable.
struct EventGroup {
  Revision last;                 // the store's revision once the group is visible
  std::vector<EventPtr> events;  // in revision order
  size_t bytes = 0;
};
using EventGroupPtr = std::shared_ptr<const EventGroup>;

// What an event costs in memory, about.
size_t EventBytes(const Event& event);

// How much of the past a follower wants at once. A transaction is never cut, so one may exceed the bounds.
struct BatchLimits {
  size_t events_max = 256;
  size_t bytes_max = 1 << 20;
  size_t scanned_max = 16 << 10;  // events looked at, matching or not
};

struct Slice {
  std::vector<EventPtr> events;
  Revision through;       // all matching events up to and including this one are in `events`
  bool complete = false;  // nothing was left when it was read
};

class Ring {
 public:
  // Complete for revisions > `from`; nothing is known yet.
  Ring(Revision from, size_t bytes_max) : from_(from), last_(from), bytes_max_(bytes_max) {}

  void Append(EventGroupPtr group);
  // Forgets everything; complete again from `from` on.
  void Reset(Revision from);

  Revision from() const { return from_; }  // every event with a greater revision is here
  Revision last() const { return last_; }
  size_t bytes() const { return bytes_; }
  size_t events() const { return events_; }

  // The events of `scope` with revision >= `first`. REQUIRES: first > from().
  Slice Read(std::string_view scope, Revision first, const BatchLimits& limits) const;

 private:
  std::deque<EventGroupPtr> groups_;
  Revision from_;
  Revision last_;
  size_t bytes_max_;
  size_t bytes_ = 0;
  size_t events_ = 0;
};

}  // namespace atoll::store
