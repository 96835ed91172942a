// OpenWatches: every watch this process serves, so that a server that drains can end them. Thread-safe.
//
// A watch waits inside the registry on its own loop; ending it is a Wake posted there, guarded by a ticket that the
// watch gives back first.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "common/loop/loop.h"
#include "shard/registry/registry.h"

namespace atoll::endpoints {

class OpenWatches {
 public:
  // Held by the watch's frame. Loop-owned.
  class Ticket {
   public:
    Ticket(OpenWatches* watches, registry::ObjectWatch* watch);
    ~Ticket();
    Ticket(const Ticket&) = delete;
    Ticket& operator=(const Ticket&) = delete;

   private:
    struct Seat {
      Loop* loop;
      registry::ObjectWatch* watch;  // null once the watch has ended; loop-owned
    };
    friend class OpenWatches;
    OpenWatches* watches_;
    std::shared_ptr<Seat> seat_;
    uint64_t id_ = 0;
  };

  // Wakes every watch; each sees draining() and ends. New ones end at once.
  void Drain();
  bool draining() const { return draining_.load(std::memory_order_acquire); }
  size_t size() const;

 private:
  std::atomic<bool> draining_{false};
  mutable absl::Mutex mutex_;
  uint64_t next_id_ ABSL_GUARDED_BY(mutex_) = 1;
  absl::flat_hash_map<uint64_t, std::shared_ptr<Ticket::Seat>> seats_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace atoll::endpoints
