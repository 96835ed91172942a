// NamespaceLifecycle: no content in namespaces that are missing or going, no deletion of the namespaces that every
// workspace has (spec/tenancy.md 6.2, spec/api-machinery.md 8.7).
#pragma once

#include <memory>

#include "common/client/api_client.h"
#include "shard/admission/plugin.h"
#include "shard/registry/clusters.h"

namespace atoll::admission {

std::unique_ptr<Plugin> NewNamespaceLifecycle(store::Store* store, const registry::Clusters* clusters);

}  // namespace atoll::admission
