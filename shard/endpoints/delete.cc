#include "common/json/write.h"
#include "shard/endpoints/audit/request_audit.h"
#include "shard/endpoints/decode.h"
#include "shard/endpoints/options.h"
#include "shard/endpoints/respond.h"
#include "shard/endpoints/verbs.h"

namespace atoll::endpoints {
namespace {

// {"kind":"Status",...,"status":"Success","details":{"name":...,"group":...,"kind":<plural>,"uid":...}}
json::Value Success(const registry::CallContext& ctx, const std::string& uid) {
  json::Object details;
  details.Append("name", json::Value(ctx.name));
  if (!ctx.definition->gvr.group.empty()) details.Append("group", json::Value(ctx.definition->gvr.group));
  details.Append("kind", json::Value(ctx.definition->gvr.resource));
  if (!uid.empty()) details.Append("uid", json::Value(uid));
  json::Object status;
  status.Append("kind", json::Value("Status"));
  status.Append("apiVersion", json::Value("v1"));
  status.Append("metadata", json::Value::MakeObject());
  status.Append("status", json::Value("Success"));
  status.Append("details", json::Value(std::move(details)));
  return json::Value(std::move(status));
}

}  // namespace

Task<void> Delete(Call& call, const Backend& backend) {
  if (absl::Status s = NegotiateFor(call); !s.ok()) co_return co_await SendError(call, std::move(s));
  auto body = co_await ReadBody(call.request);
  if (!body.ok()) co_return co_await SendError(call, body.status());
  auto decoded = DecodeDeleteOptions(call.request.headers.Get("content-type"), *body);
  if (!decoded.ok()) co_return co_await SendError(call, decoded.status());
  if (call.audit != nullptr) call.audit->RequestBody(*decoded);
  auto parsed = ParseDeleteOptions(call.info.query, *decoded);
  if (!parsed.ok()) co_return co_await SendError(call, parsed.status());
  call.dry_run = parsed->dry_run;

  registry::CallContext ctx = ContextOf(call);
  auto result = co_await backend.registry->Delete(ctx, *parsed);
  call.warnings.insert(call.warnings.end(), ctx.warnings.begin(), ctx.warnings.end());
  if (!result.ok()) co_return co_await SendError(call, result.status());
  if (!result->object) co_return co_await SendValue(call, 200, Success(ctx, result->uid));
  co_await SendObject(call, backend, parsed->orphan_dependents == false ? 202 : 200, *result->object);
}

}  // namespace atoll::endpoints
