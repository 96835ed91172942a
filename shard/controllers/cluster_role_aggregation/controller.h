// Fills in the rules of ClusterRoles with an aggregationRule, within each logical cluster (spec/api-machinery.md 10.5).
// One key a logical cluster that has such a role.
#pragma once

#include <memory>

#include "shard/controllers/context.h"
#include "shard/controllers/framework/controller.h"

namespace atoll::controllers {

std::unique_ptr<Controller> NewClusterRoleAggregationController(const Context& context);

}  // namespace atoll::controllers
