#include "shard/endpoints/options.h"
#include "shard/endpoints/respond.h"
#include "shard/endpoints/verbs.h"

namespace atoll::endpoints {

Task<void> Get(Call& call, const Backend& backend) {
  if (absl::Status s = NegotiateFor(call); !s.ok()) co_return co_await SendError(call, std::move(s));
  auto resource_version = ParseGetResourceVersion(call.info.query);
  if (!resource_version.ok()) co_return co_await SendError(call, resource_version.status());

  const registry::CallContext ctx = ContextOf(call);
  auto object = co_await backend.registry->Get(ctx, *std::move(resource_version));
  if (!object.ok()) co_return co_await SendError(call, object.status());
  co_await SendObject(call, backend, 200, *object);
}

}  // namespace atoll::endpoints
