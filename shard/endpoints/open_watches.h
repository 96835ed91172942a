// OpenWatches: every watch this process serves, so that a server that drains can end them, those of a custom resource
// end when its definition changes, and those whose user may have lost the right to them ask again. Thread-safe.
//
// A watch waits inside the registry on its own loop; ending it is a Wake posted there, guarded by a ticket that the
// watch gives back first.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"
#include "common/loop/loop.h"
#include "common/path/path.h"
#include "shard/registry/registry.h"

namespace atoll::endpoints {

class OpenWatches {
 public:
  // Held by the watch's frame. Loop-owned.
  class Ticket {
   public:
    Ticket(OpenWatches* watches, registry::ObjectWatch* watch, const registry::CallContext& ctx);
    ~Ticket();
    Ticket(const Ticket&) = delete;
    Ticket& operator=(const Ticket&) = delete;
    // Its resource is no longer what it was: what is committed is sent, and no more.
    bool ended() const { return seat_->ended; }

    // Whether rights have changed since the last call: the watch must ask whether it may go on.
    bool TakeRecheck() { return std::exchange(seat_->recheck, false); }

   private:
    struct Seat {
      Loop* loop;
      registry::ObjectWatch* watch;  // null once the watch has ended; loop-owned
      std::string resource;          // KeyOf a custom resource; "" for what is built in
      bool ended = false;            // loop-owned
      bool recheck = false;          // loop-owned
    };
    friend class OpenWatches;
    OpenWatches* watches_;
    const LogicalClusterId cluster_;
    std::shared_ptr<Seat> seat_;
    uint64_t id_ = 0;
  };

  // Wakes every watch; each sees draining() and ends. New ones end at once.
  void Drain();
  // Ends those of a custom resource in a cluster.
  void End(const LogicalClusterId& cluster, const api::GroupResource& resource);
  // Ends those over all clusters: one of them has become inactive, and must not be seen any more.
  void EndWildcards();
  // Wakes the watches of `cluster`, or all (null): see Ticket::TakeRecheck.
  void Recheck(const LogicalClusterId* cluster);
  bool draining() const { return draining_.load(std::memory_order_acquire); }
  size_t size() const;

 private:
  static void EndAll(std::vector<std::shared_ptr<Ticket::Seat>> seats);
  static std::string KeyOf(const LogicalClusterId& cluster, const api::GroupResource& resource);

  std::atomic<bool> draining_{false};
  mutable absl::Mutex mutex_;
  uint64_t next_id_ ABSL_GUARDED_BY(mutex_) = 1;
  absl::flat_hash_map<uint64_t, std::shared_ptr<Ticket::Seat>> seats_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<LogicalClusterId, absl::flat_hash_set<uint64_t>> by_cluster_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace atoll::endpoints
