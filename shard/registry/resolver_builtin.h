// BuiltinResolver: which compiled-in (and system) definitions a logical cluster serves.
//
// System clusters and wildcard requests: all. Other clusters: the built-in ones, and those of exports in root that the
// cluster binds (ResourceDefinition::bound_by_export against ClusterInfo::bound_exports). Thread-safe, never blocks on
// I/O.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "shard/registry/clusters.h"
#include "shard/registry/resolver.h"

namespace atoll::registry {

class BuiltinResolver final : public Resolver {
 public:
  // `clusters` outlives this.
  BuiltinResolver(std::vector<DefinitionPtr> definitions, const Clusters* clusters);

  DefinitionPtr Find(const ClusterScope& cluster, const api::Gvr& gvr) const override;
  // One set a combination of bound exports, of which a fleet has few; sets are built once and kept, never per
  // workspace.
  std::shared_ptr<const Set> All(const ClusterScope& cluster) const override;
  Set Stored(const ClusterScope& cluster) const override { return stored_; }
  bool IsBuiltinGroup(std::string_view group) const override;

 private:
  // The exports that decide what the cluster serves; nullopt: everything.
  std::optional<std::vector<std::string>> ExportsOf(const ClusterScope& cluster) const;

  const Clusters& clusters_;
  std::vector<DefinitionPtr> definitions_;  // in discovery's order
  absl::flat_hash_map<api::Gvr, DefinitionPtr> by_gvr_;
  std::set<std::string, std::less<>> builtin_groups_, known_exports_;
  std::shared_ptr<const Set> everything_;
  Set stored_;  // one of each stored resource
  mutable absl::Mutex mutex_;
  mutable std::map<std::vector<std::string>, std::shared_ptr<const Set>> by_exports_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace atoll::registry
