#include "shard/endpoints/verbs.h"

#include "common/api/protobuf/codec.h"
#include "shard/authorization/reviews/reviews.h"
#include "shard/endpoints/audit/request_audit.h"
#include "shard/endpoints/represent.h"
#include "shard/endpoints/respond.h"

namespace atoll::endpoints {

registry::CallContext ContextOf(const Call& call) {
  registry::CallContext ctx;
  ctx.user = call.user;
  ctx.cluster = call.cluster;
  ctx.definition = call.definition;
  // A cluster-scoped object has no namespace; that of a Namespace object in a URL is for authorization.
  if (call.definition->namespaced()) ctx.ns = call.info.ns;
  ctx.name = call.info.name;
  ctx.subresource = call.info.subresource;
  ctx.authorize_create = call.authorize_create;
  ctx.view = call.view;
  if (call.audit != nullptr && call.audit->on()) {
    ctx.audit = [audit = call.audit](std::string_view name, std::string_view value) { audit->Annotate(name, value); };
  }
  ctx.deep_review = authorization::IsDeepReview(call.request.headers, call.user);
  return ctx;
}

absl::Status NegotiateFor(Call& call, bool stream) {
  const bool typed = call.definition->flavor == registry::Flavor::kTyped;
  auto representation = Negotiate(call.request.headers, call.info.query,
                                  {.typed = typed,
                                   .stream = stream,
                                   .list = call.info.verb == "list",
                                   .protobuf = typed && api::protobuf::CanEncode(call.definition->gvk())});
  if (!representation.ok()) return representation.status();
  call.representation = *std::move(representation);
  return absl::OkStatus();
}

Task<void> SendObject(Call& call, const Backend& backend, int code, const storage::StoredObject& object) {
  std::string body;
  absl::Status appended;
  if (call.representation.as == As::kObject) {
    object.AppendJson(&body);
  } else {
    auto representer = Representer::For(call, backend.clock->Now());
    appended = representer.ok() ? representer->AppendObject(object, &body) : representer.status();
  }
  if (!appended.ok()) {
    co_await SendError(call, std::move(appended));
    co_return;
  }
  co_await SendJson(call, code, std::move(body));
}

}  // namespace atoll::endpoints
