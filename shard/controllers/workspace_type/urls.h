// status.virtualWorkspaces of a WorkspaceType (spec/tenancy.md 2.5). Pure.
#pragma once

#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "common/json/value.h"
#include "shard/tenancy/catalog.h"

namespace atoll::controllers {

// Two URLs for each of `shards` (sorted by name), whether or not the type asks for initializers, and the conditions
// that say so. `id` as in WorkspaceType::Id. True when anything changed.
bool SetVirtualWorkspaces(std::string_view id, const std::vector<tenancy::ShardInfo>& shards, absl::Time now,
                          json::Value* type);

}  // namespace atoll::controllers
