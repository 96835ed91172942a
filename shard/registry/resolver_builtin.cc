#include "shard/registry/resolver_builtin.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "common/api/kube_version.h"

namespace atoll::registry {

namespace {

// Discovery lists the core group first and keeps the order in which groups were given; the preferred version
// of a group leads, resources are sorted within.
std::vector<DefinitionPtr> InDiscoveryOrder(std::vector<DefinitionPtr> definitions) {
  std::map<std::string, size_t> group_rank;
  group_rank[""] = 0;
  for (const auto& d : definitions) group_rank.try_emplace(d->gvr.group, group_rank.size());
  std::stable_sort(definitions.begin(), definitions.end(), [&](const DefinitionPtr& a, const DefinitionPtr& b) {
    const size_t rank_a = group_rank[a->gvr.group], rank_b = group_rank[b->gvr.group];
    if (rank_a != rank_b) return rank_a < rank_b;
    if (a->gvr.version != b->gvr.version) return api::VersionGoesFirst(a->gvr.version, b->gvr.version);
    return a->gvr.resource < b->gvr.resource;
  });
  return definitions;
}

}  // namespace

BuiltinResolver::BuiltinResolver(std::vector<DefinitionPtr> definitions, const Clusters* clusters)
    : clusters_(*clusters), definitions_(InDiscoveryOrder(std::move(definitions))) {
  std::set<api::GroupResource> stored;
  for (const auto& d : definitions_) {
    if (d->storable && stored.insert(d->stored_as.resource.empty() ? d->gr() : d->stored_as).second)
      stored_.push_back(d);
    by_gvr_[d->gvr] = d;
    if (d->bound_by_export.empty()) {
      builtin_groups_.insert(d->gvr.group);
    } else {
      known_exports_.insert(d->bound_by_export);
    }
  }
  everything_ = std::make_shared<const Set>(definitions_);
}

std::optional<std::vector<std::string>> BuiltinResolver::ExportsOf(const ClusterScope& cluster) const {
  if (cluster.wildcard || cluster.id.is_system()) return std::nullopt;
  std::vector<std::string> exports;
  if (const auto info = clusters_.Find(cluster.id); info != nullptr) {
    // Exports that bring no definition of ours are left out, so that the combinations stay few.
    for (const std::string& name : info->bound_exports) {
      if (known_exports_.contains(name)) exports.push_back(name);
    }
  }
  return exports;
}

DefinitionPtr BuiltinResolver::Find(const ClusterScope& cluster, const api::Gvr& gvr) const {
  const auto it = by_gvr_.find(gvr);
  if (it == by_gvr_.end()) return nullptr;
  const std::string& bound_by = it->second->bound_by_export;
  if (bound_by.empty() || cluster.wildcard || cluster.id.is_system()) return it->second;
  const auto info = clusters_.Find(cluster.id);
  if (info == nullptr || !std::binary_search(info->bound_exports.begin(), info->bound_exports.end(), bound_by))
    return nullptr;
  return it->second;
}

std::shared_ptr<const Resolver::Set> BuiltinResolver::All(const ClusterScope& cluster) const {
  const auto exports = ExportsOf(cluster);
  if (!exports.has_value()) return everything_;
  absl::MutexLock lock(&mutex_);
  std::shared_ptr<const Set>& set = by_exports_[*exports];
  if (set == nullptr) {
    auto built = std::make_shared<Set>();
    for (const auto& d : definitions_) {
      if (d->bound_by_export.empty() || std::binary_search(exports->begin(), exports->end(), d->bound_by_export))
        built->push_back(d);
    }
    set = std::move(built);
  }
  return set;
}

bool BuiltinResolver::IsBuiltinGroup(std::string_view group) const { return builtin_groups_.contains(group); }

}  // namespace atoll::registry
