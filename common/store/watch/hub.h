// Hub: one loop's side of the watch fan-out. Hot path: a committed event costs a few hash look-ups here, not a visit to
// each follower.
//
//   sequencer --Deliver(group)--> mailbox, one post per loop and burst --Drain--> the loop's ring
//                                                                            --> cursors of the event's scopes:
//                                                                            scan_from, wake
//
// There is no queue per follower. A cursor only learns the first revision that concerns it (`scan_from`); it takes the
// events from the ring when its owner asks, or from the log on disk when the ring has moved on (W5).
//
// Deliver and Stop: any thread. Everything else: the hub's loop. Bound of the mailbox: the ring's bytes; beyond it the
// oldest groups are dropped, and every cursor looks into the log instead.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "common/loop/loop.h"
#include "common/loop/sync.h"
#include "common/store/watch/ring.h"

namespace atoll::store {

// Where a follower stands. Events with position < revision < scan_from do not match it; with scan_from 0 none after
// position up to the hub's newest revision does.
struct Cursor {
  std::string scope;
  Revision position;   // everything matching up to here was returned
  Revision scan_from;  // the next revision to look at; 0: nothing is waiting
  WakeUp wake;
};

class Hub : public std::enable_shared_from_this<Hub> {
 public:
  // `ring`: a copy of the store's, taken together with joining its publisher.
  Hub(Loop& loop, Ring ring, size_t mailbox_bytes_max);

  void Deliver(EventGroupPtr group);
  void Stop();

  void Add(Cursor* cursor);
  void Remove(Cursor* cursor);
  // Sets `wake` once seen() >= at, and when the store stops. Until Forget.
  using Waiters = std::multimap<Revision, WakeUp*>;
  Waiters::iterator WakeAt(Revision at, WakeUp* wake) { return waiters_.emplace(at, wake); }
  void Forget(Waiters::iterator waiter) { waiters_.erase(waiter); }

  const Ring& ring() const { return ring_; }
  Revision seen() const { return ring_.last(); }
  bool stopped() const { return stopped_; }
  Loop& loop() const { return loop_; }

 private:
  struct Mail {
    std::vector<EventGroupPtr> groups;
    size_t bytes = 0;
    Revision dropped_through;  // 0: nothing was dropped
    bool stop = false;
  };

  void PostDrain() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Drain();
  void Dispatch(const EventGroup& group);
  void Notify(std::string_view scope, Revision revision);
  void LookAgain(Revision first);
  void WakeWaiters();

  Loop& loop_;
  const size_t mailbox_bytes_max_;

  absl::Mutex mutex_;
  Mail mail_ ABSL_GUARDED_BY(mutex_);
  bool posted_ ABSL_GUARDED_BY(mutex_) = false;

  // The loop's.
  Ring ring_;
  absl::flat_hash_map<std::string, std::vector<Cursor*>> by_scope_;
  Waiters waiters_;
  bool stopped_ = false;
};

}  // namespace atoll::store
