// What a lifecycle virtual workspace serves by itself: LogicalClusters, to be read over all clusters and, by status, to
// be changed in one.
#pragma once

#include <memory>

#include "shard/registry/resolver.h"

namespace atoll::virtual_workspaces {

class LifecycleResolver final : public registry::Resolver {
 public:
  // From the shard's own definition of LogicalClusters.
  explicit LifecycleResolver(const registry::ResourceDefinition& logical_clusters);

  registry::DefinitionPtr Find(const registry::ClusterScope& cluster, const api::Gvr& gvr) const override;
  std::shared_ptr<const Set> All(const registry::ClusterScope& cluster) const override;
  bool IsBuiltinGroup(std::string_view) const override { return false; }

 private:
  std::shared_ptr<const Set> all_clusters_, one_cluster_;  // of one definition each
};

}  // namespace atoll::virtual_workspaces
