#include "shard/quota/index.h"

#include "common/base/status.h"
#include "shard/quota/usage.h"
#include "shard/storage/stored_object.h"

namespace atoll::quota {

absl::Status QuotaIndex::Load(store::Store& store) {
  const std::string scope = storage::ResourceScope({"", "resourcequotas"});
  return store.Snapshot()->Scan(scope, store::ScopeEnd(scope),
                                [&](std::string_view key, std::string_view, store::Revision) {
                                  auto decoded = storage::DecodeKey(key);
                                  if (decoded.ok()) Put(decoded->cluster, decoded->ns, decoded->name);
                                  return true;
                                });
}

void QuotaIndex::Put(const LogicalClusterId& cluster, std::string_view ns, std::string_view name) {
  absl::MutexLock lock(&mutex_);
  if (clusters_[cluster].emplace(ns, name).second) size_.fetch_add(1, std::memory_order_relaxed);
}

void QuotaIndex::Erase(const LogicalClusterId& cluster, std::string_view ns, std::string_view name) {
  absl::MutexLock lock(&mutex_);
  auto found = clusters_.find(cluster);
  if (found == clusters_.end()) return;
  size_.fetch_sub(found->second.erase({std::string(ns), std::string(name)}), std::memory_order_relaxed);
  if (found->second.empty()) clusters_.erase(found);
}

std::vector<QuotaIndex::Name> QuotaIndex::In(const LogicalClusterId& cluster, std::string_view ns) const {
  std::vector<Name> out;
  absl::MutexLock lock(&mutex_);
  auto found = clusters_.find(cluster);
  if (found == clusters_.end()) return out;
  for (auto it = found->second.lower_bound({std::string(ns), ""}); it != found->second.end() && it->first == ns; ++it)
    out.push_back(*it);
  return out;
}

std::vector<QuotaIndex::Name> QuotaIndex::Concerning(const LogicalClusterId& cluster, std::string_view ns) const {
  if (empty()) return {};
  std::vector<Name> out;
  if (!ns.empty() && ns != kClusterQuotaNamespace) out = In(cluster, ns);
  for (Name& name : In(cluster, kClusterQuotaNamespace)) out.push_back(std::move(name));
  return out;
}

}  // namespace atoll::quota
