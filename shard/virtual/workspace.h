// VirtualWorkspace: an API over parts of many logical clusters, below /services/<name>/. Whoever may enter it acts
// there by rules of its own (spec/apis.md 14). One folder each, one row in all.cc.
#pragma once

#include "common/loop/task.h"
#include "shard/endpoints/call.h"
#include "shard/endpoints/hooks.h"

namespace atoll::virtual_workspaces {

class VirtualWorkspace {
 public:
  using Outcome = endpoints::VirtualWorkspaces::Outcome;
  virtual ~VirtualWorkspace() = default;
  // `call` is authenticated and not authorized. Called on any loop.
  virtual Task<Outcome> Handle(endpoints::Call& call) = 0;
  // Ends watches; new ones are refused.
  virtual void Drain() = 0;
  // As endpoints::VirtualWorkspaces.
  virtual void RecheckWatches(const LogicalClusterId* cluster) = 0;
};

}  // namespace atoll::virtual_workspaces
