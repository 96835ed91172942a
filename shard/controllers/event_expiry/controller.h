// Removes Events a time after their last write (`--event-ttl`), as etcd's leases do for the reference; watchers see
// DELETED. Sweeps the expiry index (storage/expiry.h) from its oldest entry: the work is in proportion to what goes,
// and there is no timer an object. One key; while there are no Events nothing runs. Writes beside the registry, in
// batches: nothing counts Events, and no finalizer holds them longer, as none does in the reference.
#pragma once

#include <memory>

#include "shard/controllers/context.h"
#include "shard/controllers/framework/controller.h"

namespace atoll::controllers {

std::unique_ptr<Controller> NewEventExpiryController(const Context& context);

}  // namespace atoll::controllers
