#include "shard/endpoints/audit/request_audit.h"
#include "shard/endpoints/decode.h"
#include "shard/endpoints/options.h"
#include "shard/endpoints/respond.h"
#include "shard/endpoints/verbs.h"
#include "shard/registry/decode.h"

namespace atoll::endpoints {

Task<void> Connect(Call& call, const Backend& backend, registry::Connector& connector) {
  if (absl::Status s = NegotiateFor(call); !s.ok()) co_return co_await SendError(call, std::move(s));
  const http::Headers& headers = call.request.headers;
  const Expected expected = ExpectedBody(*call.definition, call.info.subresource);
  auto body_type = ParseBodyType(headers.Get("content-type"), expected);
  if (!body_type.ok()) co_return co_await SendError(call, body_type.status());
  auto body = co_await ReadBody(call.request);
  if (!body.ok()) co_return co_await SendError(call, body.status());
  const bool create = call.info.verb == "create";
  auto options =
      ParseWriteOptions(create ? WriteKind::kCreate : WriteKind::kUpdate, call.info.query, headers.Get("user-agent"));
  if (!options.ok()) co_return co_await SendError(call, options.status());
  call.dry_run = options->dry_run;

  registry::CallContext ctx = ContextOf(call);
  auto object = DecodeObject(expected, *body_type, *body, options->field_validation, &call.warnings);
  if (!object.ok()) co_return co_await SendError(call, object.status());
  if (call.audit != nullptr) call.audit->RequestObject(*object);
  if (expected.definition != nullptr) {
    // No registry follows that would do this.
    absl::Status decoded = registry::DecodeObject(*expected.definition, {.field_validation = options->field_validation},
                                                  &call.warnings, &*object);
    if (!decoded.ok()) co_return co_await SendError(call, std::move(decoded));
  }
  auto result = co_await connector.Connect(ctx, *std::move(object), *std::move(options));
  call.warnings.insert(call.warnings.end(), ctx.warnings.begin(), ctx.warnings.end());
  if (!result.ok()) co_return co_await SendError(call, result.status());
  call.representation.as = As::kObject;  // answers have no columns
  co_await SendValue(call, create ? 201 : 200, *result);
}

}  // namespace atoll::endpoints
