// The store's side of the PolicyCache: reads a cluster's roles and bindings from a snapshot, and drops what changed by
// following the log.
#pragma once

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "common/loop/loop.h"
#include "common/store/store.h"
#include "shard/authorization/policy_cache.h"

namespace atoll::authorization {

// Blocking: for PolicyCache::Options::load. An object that cannot be decoded is an error: guessing what it granted is
// not ours.
absl::StatusOr<RbacObjects> LoadRbac(store::Store& store, const LogicalClusterId& cluster);

// Follows the four resources in all clusters, on one loop. The cache is live while all four are followed. When a
// position was trimmed the cache starts over empty. The roles of system:admin become
// the cache's fallback, at the start and whenever they change.
class PolicyInvalidator {
 public:
  // Told of each cluster whose roles or bindings have changed, once the cache knows; null: of any. On the loop.
  using Changed = std::function<void(const LogicalClusterId* cluster)>;
  PolicyInvalidator(store::Store* store, PolicyCache* cache, Changed changed = {});
  ~PolicyInvalidator();  // REQUIRES: Stop() has ended, or Start was not called.
  // On `loop`'s thread.
  void Start(Loop& loop);
  // Ends all followers; on the same thread.
  Task<void> Stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace atoll::authorization
