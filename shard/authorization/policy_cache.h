// PolicyCache: the compiled policies of the clusters that were asked about lately. A hit is one look-up under a lock; a
// miss reads the cluster's roles and bindings on a pool thread, once for all who wait.
#pragma once

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "common/loop/sync.h"
#include "common/loop/task.h"
#include "common/path/path.h"
#include "shard/authorization/policy.h"

namespace atoll::authorization {

// Thread-safe. Bounds: entries_max policies and about bytes_max bytes; the least recently used go first.
class PolicyCache {
 public:
  struct Options {
    // Reads the four kinds of one cluster, consistently. Blocking; called on the pool.
    std::function<absl::StatusOr<RbacObjects>(const LogicalClusterId&)> load;
    BlockingPool* pool = nullptr;  // null: loads on the calling thread (tests)
    PolicyPtr fallback;            // where dangling role references are looked up, at first
    size_t entries_max = 8192;
    size_t bytes_max = 64u << 20;
  };
  struct Stats {
    uint64_t hits = 0, misses = 0, invalidations = 0;
    size_t entries = 0, bytes = 0;
  };

  explicit PolicyCache(Options options);
  ~PolicyCache();

  // Null on a miss.
  PolicyPtr Peek(const LogicalClusterId& cluster);
  // Errors: those of `load`; ResourceExhausted when the pool is full.
  Task<absl::StatusOr<PolicyPtr>> Get(LogicalClusterId cluster);

  // Something of the cluster changed. A load under way still answers who waits for it, but is not kept.
  void Invalidate(const LogicalClusterId& cluster);
  void InvalidateAll();
  // Replaces Options::fallback and forgets what was compiled with it.
  void SetFallback(PolicyPtr fallback);
  PolicyPtr fallback() const;
  // False (at first): nobody watches for changes, so nothing is kept.
  void SetLive(bool live);
  Stats stats() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;  // shared with loads under way
};

}  // namespace atoll::authorization
