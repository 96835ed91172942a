// SetCache: documents derived from what a cluster serves, built once for each distinct set. The resolver answers the
// same pointer for all clusters that serve the same, so the number of entries is that of distinct sets, not of
// workspaces. Thread-safe. Bound: `entries_max` sets; beyond it the cache starts anew.
#pragma once

#include <memory>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "shard/registry/resolver.h"

namespace atoll::endpoints {

template <class Documents, size_t entries_max = 256>
class SetCache {
 public:
  using SetPtr = std::shared_ptr<const registry::Resolver::Set>;

  // `build(set)` answers a shared_ptr<Documents>; it may run twice for one set when two callers race.
  template <class Build>
  std::shared_ptr<Documents> Get(const SetPtr& set, Build build) {
    {
      absl::MutexLock lock(&mutex_);
      auto it = entries_.find(set.get());
      if (it != entries_.end()) return it->second.documents;
    }
    std::shared_ptr<Documents> built = build(set);
    absl::MutexLock lock(&mutex_);
    if (entries_.size() >= entries_max) entries_.clear();
    // Holding the set keeps its address from being another set's.
    return entries_.try_emplace(set.get(), Entry{set, built}).first->second.documents;
  }

 private:
  struct Entry {
    SetPtr set;
    std::shared_ptr<Documents> documents;
  };
  absl::Mutex mutex_;
  absl::flat_hash_map<const void*, Entry> entries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace atoll::endpoints
