// Paths of workspaces, seen from this shard (spec/tenancy.md 1.2).
#pragma once

#include "common/index/workspace_index.h"
#include "shard/endpoints/hooks.h"

namespace atoll::shard {

class LocalPaths final : public endpoints::PathResolver {
 public:
  LocalPaths(const index::WorkspaceIndex* index, std::string shard) : index_(index), shard_(std::move(shard)) {}
  endpoints::PathTarget Resolve(const WorkspacePath& path) const override;

 private:
  const index::WorkspaceIndex* const index_;
  const std::string shard_;
};

}  // namespace atoll::shard
