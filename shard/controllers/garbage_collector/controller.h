// Garbage collector: deletes what has lost its owners, and ends foreground and orphaning deletions of owners
// (spec/api-machinery.md 10.2). One for all logical clusters of the shard; references count within one.
//
// It keeps no graph. Who depends on whom is the owner index of the store; whether an owner is there is asked of the API
// at the moment it matters, by kind, name and uid. So it costs nothing for objects without owners, works for every
// resource that a cluster serves, and goes on after a restart at any point.
#pragma once

#include <memory>

#include "shard/controllers/context.h"
#include "shard/controllers/framework/controller.h"

namespace atoll::controllers {

std::unique_ptr<Controller> NewGarbageCollector(const Context& context);

}  // namespace atoll::controllers
