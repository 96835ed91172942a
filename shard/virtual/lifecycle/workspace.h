// The initializing and the terminating virtual workspace: where whoever a WorkspaceType's initializer or terminator is
// finds the logical clusters that wait for it, works in them, and says that it is done (spec/tenancy.md 2.8, 2.9).
//
// Three layers, all for whom may `initialize` (or `terminate`) the type: the waiting clusters of this shard, read-only;
// one cluster's status, from which only the own entry can be taken; and the cluster's content, as its creator or, where
// the type declares permissions, as the caller within those.
#pragma once

#include <memory>

#include "shard/tenancy/lifecycle.h"
#include "shard/virtual/context.h"
#include "shard/virtual/workspace.h"

namespace atoll::virtual_workspaces {

// `lifecycle` outlives the workspace.
std::unique_ptr<VirtualWorkspace> NewLifecycleWorkspace(const Context& context, const tenancy::Lifecycle& lifecycle);

}  // namespace atoll::virtual_workspaces
