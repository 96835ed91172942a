// Namespace controller: what every namespace has (ServiceAccount default, ConfigMap kube-root-ca.crt), and its end
// (spec/api-machinery.md 10.1, 10.4).
#pragma once

#include <memory>

#include "shard/controllers/context.h"
#include "shard/controllers/framework/controller.h"

namespace atoll::controllers {

std::unique_ptr<Controller> NewNamespaceController(const Context& context);

}  // namespace atoll::controllers
