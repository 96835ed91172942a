// Fills Secrets of type kubernetes.io/service-account-token, and deletes them when their ServiceAccount is gone.
#pragma once

#include <memory>

#include "shard/controllers/context.h"
#include "shard/controllers/framework/controller.h"

namespace atoll::controllers {

std::unique_ptr<Controller> NewServiceAccountTokenController(const Context& context);

}  // namespace atoll::controllers
