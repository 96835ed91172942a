// A watch over one resource: initial events from a snapshot, then the log, filtered by selectors
// (spec/api-machinery.md 4.2, 4.3).
#pragma once

#include <memory>
#include <string>

#include "shard/registry/registry.h"
#include "shard/registry/selectors.h"

namespace atoll::registry {

struct WatchPlan {
  DefinitionPtr definition;
  Selection selection;
  std::string scope;
  store::Revision after;     // changes begin after this one (without initial events)
  store::Revision at_least;  // the state must have reached it; a future one is waited for, and then an error
  bool initial_events = false;
  bool mark_end = false;  // a bookmark tells where the initial events end
};

std::unique_ptr<ObjectWatch> NewObjectWatch(WatchPlan plan, store::Store* store, BlockingPool* pool);

}  // namespace atoll::registry
