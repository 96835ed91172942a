// Verbs: what happens to a request that is authorized and routed to a resource. One file a verb. Each answers the
// client itself; `call` has its definition, cluster and user set.
#pragma once

#include <atomic>
#include <memory>

#include "common/base/clock.h"
#include "common/loop/task.h"
#include "shard/endpoints/call.h"
#include "shard/registry/connector.h"
#include "shard/registry/registry.h"

namespace atoll::endpoints {

class OpenWatches;
class WatchMetrics;

// What verbs work on. Owned by whoever serves (the shard, or a virtual workspace); outlives every call.
struct Backend {
  registry::Registry* registry = nullptr;
  const Clock* clock = nullptr;
  OpenWatches* watches = nullptr;
  WatchMetrics* watch_metrics = nullptr;                 // may be null
  absl::Duration watch_timeout_min = absl::Minutes(30);  // of watches that name none
};

Task<void> Get(Call& call, const Backend& backend);
Task<void> List(Call& call, const Backend& backend);
Task<void> Watch(Call& call, const Backend& backend);
Task<void> Create(Call& call, const Backend& backend);
Task<void> Update(Call& call, const Backend& backend);
Task<void> Patch(Call& call, const Backend& backend);
Task<void> Delete(Call& call, const Backend& backend);
Task<void> DeleteCollection(Call& call, const Backend& backend);
// A review, a token, namespaces/finalize: answered, not stored.
Task<void> Connect(Call& call, const Backend& backend, registry::Connector& connector);

// The registry's view of a call.
registry::CallContext ContextOf(const Call& call);
// Negotiates into call.representation. Errors: NotAcceptable.
absl::Status NegotiateFor(Call& call, bool stream = false);
// Answers an object in the representation asked for.
Task<void> SendObject(Call& call, const Backend& backend, int code, const storage::StoredObject& object);

}  // namespace atoll::endpoints
