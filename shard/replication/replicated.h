// What of a shard is replicated to the fleet (spec/tenancy.md 3.6), and the names that replication uses.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/api/gvr.h"

namespace atoll::replication {

// An object of MarkedResources() that carries this annotation is replicated; controllers and admission set it.
inline constexpr std::string_view kReplicateAnnotation = "internal.kcp.io/replicate";

// Replicated as a whole, and kept in the Catalog.
const std::vector<api::GroupResource>& CatalogResources();
// Replicated where marked: cluster roles, their bindings, logical clusters.
const std::vector<api::GroupResource>& MarkedResources();
bool IsMarkedResource(const api::GroupResource& resource);

}  // namespace atoll::replication
