// Paths of workspaces, seen from this shard (spec/tenancy.md 1.2).
#pragma once

#include "common/index/workspace_index.h"
#include "common/store/store.h"
#include "shard/endpoints/hooks.h"
#include "shard/registry/clusters.h"

namespace atoll::shard {

class LocalPaths final : public endpoints::PathResolver {
 public:
  LocalPaths(const index::WorkspaceIndex* index, const registry::Clusters* clusters, store::Store* store,
             std::string shard)
      : index_(index), clusters_(clusters), store_(store), shard_(std::move(shard)) {}
  endpoints::PathTarget Resolve(const WorkspacePath& path) const override;
  Task<endpoints::PathTarget> ResolveCommitted(WorkspacePath path) const override;

 private:
  const index::WorkspaceIndex* const index_;
  const registry::Clusters* const clusters_;
  store::Store* const store_;
  const std::string shard_;
};

}  // namespace atoll::shard
