// Home workspaces: a logical cluster of one's own, made when its user first asks for `~` (spec/tenancy.md 2.11). Pure.
#pragma once

#include <string>
#include <vector>

#include "common/auth/user.h"
#include "common/json/value.h"
#include "shard/tenancy/catalog.h"

namespace atoll::tenancy {

// The type of every home.
inline constexpr std::string_view kHomeType = "root:home";

// The LogicalCluster to create for `user`'s home, of `expanded` types.
json::Value HomeLogicalCluster(const auth::User& user, const std::vector<TypePtr>& expanded);

// What `workspaces/~` answers: a Workspace that is nowhere stored.
json::Value HomeWorkspace(const LogicalClusterId& cluster, const json::Value& logical_cluster);

}  // namespace atoll::tenancy
