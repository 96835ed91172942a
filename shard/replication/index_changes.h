// What the workspace index keeps of Workspace and LogicalCluster objects. Pure functions.
#pragma once

#include <string>

#include "common/api/gvr.h"
#include "common/index/workspace_index.h"
#include "common/json/value.h"

namespace atoll::replication {

inline const api::GroupResource kWorkspaces{"tenancy.kcp.io", "workspaces"};
inline const api::GroupResource kLogicalClusters{"core.kcp.io", "logicalclusters"};
// The one object of its kind in every logical cluster.
inline constexpr std::string_view kLogicalClusterName = "cluster";

index::WorkspaceEntry ToWorkspaceEntry(const json::Value& workspace);
index::ClusterEntry ToClusterEntry(const json::Value& logical_cluster);
// `root:universal`; the name alone when the type has no path.
std::string WorkspaceTypeOf(const json::Value& workspace);

}  // namespace atoll::replication
