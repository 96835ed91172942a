// WorkspaceType: references carry paths, the type `root` exists once, and default bindings need the author's right to
// bind (spec/tenancy.md 6.4). Reserved names are refused here too.
#pragma once

#include <memory>

#include "shard/admission/plugin.h"
#include "shard/authorization/authorizer.h"
#include "shard/registry/clusters.h"

namespace atoll::admission {

std::unique_ptr<Plugin> NewWorkspaceType(const registry::Clusters* clusters, authorization::Authorizer* authorizer);

}  // namespace atoll::admission
