// QuotaIndex: which namespaces have a ResourceQuota, so that a write where there is none costs one look-up. Names only;
// what they say is read from the store. May name a quota that is gone, or about to be made: whoever reads finds out.
//
// Thread-safe; never blocks on I/O. Bounded by the number of ResourceQuotas.
#pragma once

#include <atomic>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "common/path/path.h"
#include "common/store/store.h"

namespace atoll::quota {

class QuotaIndex {
 public:
  using Name = std::pair<std::string, std::string>;  // namespace, name

  // All quotas of the store. Blocking; at start-up, before anything is written.
  absl::Status Load(store::Store& store);
  void Put(const LogicalClusterId& cluster, std::string_view ns, std::string_view name);
  void Erase(const LogicalClusterId& cluster, std::string_view ns, std::string_view name);

  bool empty() const { return size_.load(std::memory_order_relaxed) == 0; }
  // In name order: those of `ns` ("" for none), then those of the namespace whose quotas may bound the whole cluster.
  std::vector<Name> Concerning(const LogicalClusterId& cluster, std::string_view ns) const;
  std::vector<Name> In(const LogicalClusterId& cluster, std::string_view ns) const;

 private:
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<LogicalClusterId, std::set<Name>> clusters_ ABSL_GUARDED_BY(mutex_);
  std::atomic<size_t> size_{0};
};

}  // namespace atoll::quota
