// WorkspaceTypeExists: resolves and defaults a new Workspace's type, asks whether the user may use it, and whether
// parent and child types allow each other (spec/tenancy.md 6.4).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "shard/admission/plugin.h"
#include "shard/authorization/authorizer.h"
#include "shard/registry/clusters.h"
#include "shard/tenancy/catalog.h"

namespace atoll::admission {

std::unique_ptr<Plugin> NewWorkspaceTypeExists(const registry::Clusters* clusters, const tenancy::Catalog* catalog,
                                               authorization::Authorizer* authorizer);

// Violations of limitAllowedParents and limitAllowedChildren between a parent's and a child's expanded types; empty
// when both agree.
std::vector<std::string> LimitViolations(const std::vector<tenancy::TypePtr>& parent,
                                         const std::vector<tenancy::TypePtr>& child);

}  // namespace atoll::admission
