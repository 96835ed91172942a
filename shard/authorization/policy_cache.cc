#include "shard/authorization/policy_cache.h"

#include <list>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"

namespace atoll::authorization {

struct PolicyCache::Impl {
  using Result = absl::StatusOr<PolicyPtr>;
  struct Entry {
    LogicalClusterId cluster;
    PolicyPtr policy;
  };
  struct Load {
    uint64_t id = 0;
    std::vector<Completion<Result>> waiters;
    bool stale = false;  // something changed since it began
  };

  explicit Impl(Options o) : options(std::move(o)), fallback(options.fallback) {}

  Result Read(const LogicalClusterId& cluster) const {
    auto objects = options.load(cluster);
    if (!objects.ok()) return objects.status();
    PolicyPtr roles;
    {
      absl::MutexLock lock(&mutex);
      roles = fallback;
    }
    return Policy::Compile(*objects, roles.get());
  }

  void Keep(const LogicalClusterId& cluster, PolicyPtr policy) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    if (!live) return;
    Drop(cluster);
    bytes += policy->bytes();
    entries.push_front({cluster, std::move(policy)});
    index[cluster] = entries.begin();
    while (entries.size() > options.entries_max || (bytes > options.bytes_max && entries.size() > 1)) {
      const LogicalClusterId oldest = entries.back().cluster;
      Drop(oldest);
    }
  }

  void Drop(const LogicalClusterId& cluster) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    auto it = index.find(cluster);
    if (it == index.end()) return;
    bytes -= it->second->policy->bytes();
    entries.erase(it->second);
    index.erase(it);
  }

  void Finish(const LogicalClusterId& cluster, uint64_t id, const Result& result) {
    std::vector<Completion<Result>> waiters;
    {
      absl::MutexLock lock(&mutex);
      auto it = loads.find(cluster);
      if (it == loads.end() || it->second.id != id) return;  // a later load has taken over its waiters
      waiters = std::move(it->second.waiters);
      if (result.ok() && !it->second.stale) Keep(cluster, *result);
      loads.erase(it);
    }
    for (const auto& waiter : waiters) waiter.Set(result);
  }

  const Options options;
  mutable absl::Mutex mutex;
  PolicyPtr fallback ABSL_GUARDED_BY(mutex);
  bool live ABSL_GUARDED_BY(mutex) = false;
  std::list<Entry> entries ABSL_GUARDED_BY(mutex);  // most recently used first
  absl::flat_hash_map<LogicalClusterId, std::list<Entry>::iterator> index ABSL_GUARDED_BY(mutex);
  absl::flat_hash_map<LogicalClusterId, Load> loads ABSL_GUARDED_BY(mutex);
  uint64_t last_load ABSL_GUARDED_BY(mutex) = 0;
  size_t bytes ABSL_GUARDED_BY(mutex) = 0;
  uint64_t hits ABSL_GUARDED_BY(mutex) = 0, misses ABSL_GUARDED_BY(mutex) = 0, invalidations ABSL_GUARDED_BY(mutex) = 0;
};

PolicyCache::PolicyCache(Options options) : impl_(std::make_shared<Impl>(std::move(options))) {}
PolicyCache::~PolicyCache() = default;

PolicyPtr PolicyCache::Peek(const LogicalClusterId& cluster) {
  absl::MutexLock lock(&impl_->mutex);
  auto it = impl_->index.find(cluster);
  if (it == impl_->index.end()) {
    ++impl_->misses;
    return nullptr;
  }
  ++impl_->hits;
  impl_->entries.splice(impl_->entries.begin(), impl_->entries, it->second);
  return it->second->policy;
}

Task<absl::StatusOr<PolicyPtr>> PolicyCache::Get(LogicalClusterId cluster) {
  if (PolicyPtr policy = Peek(cluster)) co_return policy;
  std::shared_ptr<Impl> impl = impl_;
  if (impl->options.pool == nullptr) {
    auto result = impl->Read(cluster);
    if (result.ok()) {
      absl::MutexLock lock(&impl->mutex);
      impl->Keep(cluster, *result);
    }
    co_return result;
  }
  Completion<Impl::Result> mine;
  bool begin = false;
  uint64_t id = 0;
  {
    absl::MutexLock lock(&impl->mutex);
    Impl::Load& load = impl->loads[cluster];
    // Who comes after a change must not be answered with a reading begun before it: a new one begins, and takes over
    // who waits.
    begin = load.id == 0 || load.stale;
    if (begin) {
      load.id = ++impl->last_load;
      load.stale = false;
    }
    id = load.id;
    load.waiters.push_back(mine);
  }
  if (begin &&
      !impl->options.pool->TrySubmit([impl, cluster, id] { impl->Finish(cluster, id, impl->Read(cluster)); })) {
    impl->Finish(cluster, id, absl::ResourceExhaustedError("too many blocking operations are waiting"));
  }
  co_return co_await mine.Wait();
}

void PolicyCache::Invalidate(const LogicalClusterId& cluster) {
  absl::MutexLock lock(&impl_->mutex);
  ++impl_->invalidations;
  impl_->Drop(cluster);
  if (auto it = impl_->loads.find(cluster); it != impl_->loads.end()) it->second.stale = true;
}

void PolicyCache::InvalidateAll() {
  absl::MutexLock lock(&impl_->mutex);
  ++impl_->invalidations;
  impl_->entries.clear();
  impl_->index.clear();
  impl_->bytes = 0;
  for (auto& [cluster, load] : impl_->loads) load.stale = true;
}

void PolicyCache::SetFallback(PolicyPtr fallback) {
  {
    absl::MutexLock lock(&impl_->mutex);
    impl_->fallback = std::move(fallback);
  }
  InvalidateAll();
}

PolicyPtr PolicyCache::fallback() const {
  absl::MutexLock lock(&impl_->mutex);
  return impl_->fallback;
}

void PolicyCache::SetLive(bool live) {
  if (!live) InvalidateAll();
  absl::MutexLock lock(&impl_->mutex);
  impl_->live = live;
}

PolicyCache::Stats PolicyCache::stats() const {
  absl::MutexLock lock(&impl_->mutex);
  return {impl_->hits, impl_->misses, impl_->invalidations, impl_->entries.size(), impl_->bytes};
}

}  // namespace atoll::authorization
