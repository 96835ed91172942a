// The policy a shard starts with. system_admin.json holds what is effective in every logical cluster and visible in
// none; root.json what root holds, for everybody to see (spec/tenancy.md 5.2).
#pragma once

#include <string>
#include <vector>

#include "common/json/value.h"
#include "shard/authorization/policy.h"

namespace atoll::authorization {

// Objects to create in system:admin and in root, with kind and apiVersion. `home_creator_groups` may create a home
// workspace.
std::vector<json::Value> SystemAdminObjects();
std::vector<json::Value> RootObjects(const std::vector<std::string>& home_creator_groups = {"system:authenticated"});

// SystemAdminObjects(), compiled once a process.
const PolicyPtr& BootstrapPolicy();

// Sorted into the four kinds; what is none of them is left out.
RbacObjects SortByKind(std::vector<json::Value> objects);

}  // namespace atoll::authorization
