// Workspace controller: places a Workspace on a shard, makes its logical cluster, follows it to Ready, and takes it
// away again.
#pragma once

#include <memory>

#include "shard/controllers/context.h"
#include "shard/controllers/framework/controller.h"

namespace atoll::controllers {

std::unique_ptr<Controller> NewWorkspaceController(const Context& context);

}  // namespace atoll::controllers
