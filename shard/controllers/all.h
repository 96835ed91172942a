// The table of controllers. Adding one: a folder here and a row in all.cc.
#pragma once

#include <memory>
#include <vector>

#include "shard/controllers/context.h"
#include "shard/controllers/framework/controller.h"

namespace atoll::controllers {

std::vector<std::unique_ptr<Controller>> All(const Context& context);

}  // namespace atoll::controllers
