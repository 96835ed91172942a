// Workspace: who owns a new Workspace, and which of its fields only the system may set (spec/tenancy.md 2.7, 6.3).
#pragma once

#include <memory>

#include "shard/admission/plugin.h"
#include "shard/registry/clusters.h"

namespace atoll::admission {

std::unique_ptr<Plugin> NewWorkspace(const registry::Clusters* clusters);

}  // namespace atoll::admission
