// LogicalCluster controller: phases of the clusters of this shard, their administrator's binding, and the removal of
// their content.
#pragma once

#include <memory>

#include "shard/controllers/context.h"
#include "shard/controllers/framework/controller.h"

namespace atoll::controllers {

std::unique_ptr<Controller> NewLogicalClusterController(const Context& context);

}  // namespace atoll::controllers
