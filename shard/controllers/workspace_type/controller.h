// WorkspaceType controller: publishes where the initializing and terminating virtual workspaces of a type are served.
#pragma once

#include <memory>

#include "shard/controllers/context.h"
#include "shard/controllers/framework/controller.h"

namespace atoll::controllers {

std::unique_ptr<Controller> NewWorkspaceTypeController(const Context& context);

}  // namespace atoll::controllers
