// Marks users' RBAC and LogicalClusters for replication (marks.h), so that `use` of a workspace type or `bind` of an
// export holds on every shard. One key a logical cluster: several changes at once are one pass over its cluster roles
// and their bindings, which are few and compiled as a whole on each change anyway (shard/authorization).
#pragma once

#include <memory>

#include "shard/controllers/context.h"
#include "shard/controllers/framework/controller.h"

namespace atoll::controllers {

std::unique_ptr<Controller> NewReplicateController(const Context& context);

}  // namespace atoll::controllers
