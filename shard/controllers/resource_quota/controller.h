// Puts ResourceQuotas into force and counts what is there; writes count themselves (shard/quota).
#pragma once

#include <memory>

#include "shard/controllers/context.h"
#include "shard/controllers/framework/controller.h"

namespace atoll::controllers {

std::unique_ptr<Controller> NewResourceQuotaController(const Context& context);

}  // namespace atoll::controllers
