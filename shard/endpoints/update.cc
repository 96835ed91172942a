#include "shard/endpoints/audit/request_audit.h"
#include "shard/endpoints/decode.h"
#include "shard/endpoints/options.h"
#include "shard/endpoints/respond.h"
#include "shard/endpoints/verbs.h"

namespace atoll::endpoints {

Task<void> Update(Call& call, const Backend& backend) {
  if (absl::Status s = NegotiateFor(call); !s.ok()) co_return co_await SendError(call, std::move(s));
  const http::Headers& headers = call.request.headers;
  const Expected expected = ExpectedBody(*call.definition, call.info.subresource);
  auto body_type = ParseBodyType(headers.Get("content-type"), expected);
  if (!body_type.ok()) co_return co_await SendError(call, body_type.status());
  auto body = co_await ReadBody(call.request);
  if (!body.ok()) co_return co_await SendError(call, body.status());
  auto options = ParseWriteOptions(WriteKind::kUpdate, call.info.query, headers.Get("user-agent"));
  if (!options.ok()) co_return co_await SendError(call, options.status());
  call.dry_run = options->dry_run;

  registry::CallContext ctx = ContextOf(call);
  auto object = DecodeObject(expected, *body_type, *body, options->field_validation, &call.warnings);
  if (!object.ok()) co_return co_await SendError(call, object.status());
  if (call.audit != nullptr) call.audit->RequestObject(*object);

  auto result = co_await backend.registry->Update(ctx, *std::move(object), *std::move(options));
  call.warnings.insert(call.warnings.end(), ctx.warnings.begin(), ctx.warnings.end());
  if (!result.ok()) co_return co_await SendError(call, result.status());
  co_await SendObject(call, backend, result->created ? 201 : 200, result->object);
}

}  // namespace atoll::endpoints
