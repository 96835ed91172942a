#include "shard/endpoints/audit/request_audit.h"
#include "shard/endpoints/decode.h"
#include "shard/endpoints/options.h"
#include "shard/endpoints/respond.h"
#include "shard/endpoints/verbs.h"

namespace atoll::endpoints {

Task<void> Patch(Call& call, const Backend& backend) {
  const http::Headers& headers = call.request.headers;
  auto type = ParsePatchType(headers.Get("content-type"), call.definition->flavor);
  if (!type.ok()) co_return co_await SendError(call, type.status());
  call.apply = *type == registry::PatchType::kApply;
  if (absl::Status s = NegotiateFor(call); !s.ok()) co_return co_await SendError(call, std::move(s));
  auto body = co_await ReadBody(call.request);
  if (!body.ok()) co_return co_await SendError(call, body.status());
  auto options =
      ParseWriteOptions(call.apply ? WriteKind::kApply : WriteKind::kPatch, call.info.query, headers.Get("user-agent"));
  if (!options.ok()) co_return co_await SendError(call, options.status());
  call.dry_run = options->dry_run;
  auto patch = DecodePatch(*type, *body, options->field_validation, &call.warnings);
  if (!patch.ok()) co_return co_await SendError(call, patch.status());
  if (call.audit != nullptr) call.audit->RequestBody(*patch);

  registry::CallContext ctx = ContextOf(call);
  auto result = co_await backend.registry->Patch(ctx, *type, *std::move(patch), *std::move(options));
  call.warnings.insert(call.warnings.end(), ctx.warnings.begin(), ctx.warnings.end());
  if (!result.ok()) co_return co_await SendError(call, result.status());
  co_await SendObject(call, backend, result->created ? 201 : 200, result->object);
}

}  // namespace atoll::endpoints
