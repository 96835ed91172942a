// Counts the objects of a resource by their keys, on the pool.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/loop/sync.h"
#include "common/loop/task.h"
#include "common/store/store.h"
#include "shard/registry/registry.h"
#include "shard/registry/resolver.h"

namespace atoll::quota {

// In a namespace, or in the whole logical cluster when `ns` is empty.
Task<absl::StatusOr<int64_t>> CountObjects(store::Store& store, BlockingPool& pool, registry::DefinitionPtr definition,
                                           LogicalClusterId cluster, std::string ns);

// The definition by which the cluster serves a resource, in any version; null when it does not, or stores nothing.
registry::DefinitionPtr Served(const registry::Resolver& resolver, const LogicalClusterId& cluster,
                               const api::GroupResource& resource);

}  // namespace atoll::quota
