#include <algorithm>

#include "common/base/strings.h"
#include "shard/endpoints/audit/request_audit.h"
#include "shard/endpoints/decode.h"
#include "shard/endpoints/options.h"
#include "shard/endpoints/represent.h"
#include "shard/endpoints/respond.h"
#include "shard/endpoints/verbs.h"

namespace atoll::endpoints {

Task<void> DeleteCollection(Call& call, const Backend& backend) {
  if (absl::Status s = NegotiateFor(call); !s.ok()) co_return co_await SendError(call, std::move(s));
  auto list = ParseListOptions(call.info.query);
  if (!list.ok()) co_return co_await SendError(call, list.status());
  auto body = co_await ReadBody(call.request);
  if (!body.ok()) co_return co_await SendError(call, body.status());
  auto decoded = DecodeDeleteOptions(call.request.headers.Get("content-type"), *body);
  if (!decoded.ok()) co_return co_await SendError(call, decoded.status());
  if (call.audit != nullptr) call.audit->RequestBody(*decoded);
  auto parsed = ParseDeleteOptions(call.info.query, *decoded);
  if (!parsed.ok()) co_return co_await SendError(call, parsed.status());
  auto representer = Representer::For(call, backend.clock->Now());
  if (!representer.ok()) co_return co_await SendError(call, representer.status());
  call.dry_run = parsed->dry_run;

  registry::CallContext ctx = ContextOf(call);
  auto deleted = co_await backend.registry->DeleteCollection(ctx, *std::move(list), *parsed);
  call.warnings.insert(call.warnings.end(), ctx.warnings.begin(), ctx.warnings.end());
  if (!deleted.ok()) co_return co_await SendError(call, deleted.status());

  store::Revision newest;
  for (const storage::StoredObject& object : *deleted) newest = std::max(newest, object.modified());
  if (newest.value == 0) newest.value = 1;
  const std::string metadata = Cat(",\"metadata\":{\"resourceVersion\":\"", newest.value, "\"}");
  std::string text = representer->ListHead();
  if (!representer->metadata_last()) text += metadata;
  if (representer->table()) StrAppend(&text, ",\"columnDefinitions\":", representer->Columns());
  StrAppend(&text, ",\"", representer->ItemsKey(), "\":[");
  bool first = true;
  for (const storage::StoredObject& object : *deleted) {
    if (!first) text.push_back(',');
    first = false;
    if (absl::Status s = representer->AppendItem(object, &text); !s.ok())
      co_return co_await SendError(call, std::move(s));
  }
  StrAppend(&text, "]", representer->AfterItems(), representer->metadata_last() ? metadata : std::string(), "}");
  co_await SendJson(call, 200, std::move(text));
}

}  // namespace atoll::endpoints
