// LIST. Objects are appended as the reader brings them and leave as the peer takes them: a list of any size needs about
// two chunks of memory. Only a list in protobuf, which has its length in front, is whole before it leaves.
#include "common/api/protobuf/codec.h"
#include "common/base/check.h"
#include "common/base/strings.h"
#include "common/json/write.h"
#include "shard/endpoints/options.h"
#include "shard/endpoints/represent.h"
#include "shard/endpoints/respond.h"
#include "shard/endpoints/verbs.h"

namespace atoll::endpoints {
namespace {

// A list's metadata; of a paged one once the reader is at its end.
// `always`: lists of custom resources say that there is no next page.
std::string FinalMetadata(const registry::ListReader& reader, bool paged, bool always) {
  std::string out = Cat("{\"resourceVersion\":\"", reader.revision().value, "\"");
  if (std::string token = paged ? reader.continue_token() : ""; always || !token.empty()) {
    out += ",\"continue\":";
    json::AppendQuoted(&out, token);
    if (auto remaining = reader.remaining(); remaining && !token.empty())
      StrAppend(&out, ",\"remainingItemCount\":", *remaining);
  }
  return out + "}";
}

// Appends the objects of one chunk, with commas between items.
absl::Status AppendItems(const Representer& representer, const std::vector<storage::StoredObject>& objects, bool* any,
                         std::string* out) {
  for (const storage::StoredObject& object : objects) {
    if (*any) out->push_back(',');
    *any = true;
    if (absl::Status s = representer.AppendItem(object, out); !s.ok()) return s;
  }
  return absl::OkStatus();
}

using Chunk = std::vector<storage::StoredObject>;

Task<void> SendProtobufList(Call& call, const Representer& representer, registry::ListReader& reader, Chunk chunk,
                            bool paged) {
  const api::protobuf::Message* message = api::protobuf::FindMessage(representer.ItemKind());
  CHECK(message != nullptr);  // negotiation has looked
  api::protobuf::ListEncoder encoder(*message);
  std::string item;
  while (!chunk.empty()) {
    for (const storage::StoredObject& object : chunk) {
      item.clear();
      if (absl::Status s = representer.AppendItem(object, &item); !s.ok()) {
        co_return co_await SendError(call, std::move(s));
      }
      encoder.Add(item);
    }
    auto next = co_await reader.Next();
    if (!next.ok()) co_return co_await SendError(call, next.status());
    chunk = *std::move(next);
  }
  const api::Gvk gvk = representer.ListKind();
  co_await SendPieces(call, CommonHeaders(call, ContentType(Media::kProtobuf)),
                      encoder.Finish(gvk.ApiVersion(), gvk.kind, FinalMetadata(reader, paged, /*always=*/false)));
}

}  // namespace

Task<void> List(Call& call, const Backend& backend) {
  if (absl::Status s = NegotiateFor(call); !s.ok()) co_return co_await SendError(call, std::move(s));
  auto options = ParseListOptions(call.info.query);
  if (!options.ok()) co_return co_await SendError(call, options.status());
  auto representer = Representer::For(call, backend.clock->Now());
  if (!representer.ok()) co_return co_await SendError(call, representer.status());
  if (call.representation.as == As::kPartialMetadata) {
    std::string ignored;
    co_return co_await SendError(call, representer->AppendItem({}, &ignored));
  }
  const registry::CallContext ctx = ContextOf(call);
  auto reader = co_await backend.registry->List(ctx, *options);
  if (!reader.ok()) co_return co_await SendError(call, reader.status());
  auto chunk = co_await (*reader)->Next();
  if (!chunk.ok()) co_return co_await SendError(call, chunk.status());

  if (call.representation.media == Media::kProtobuf) {
    co_return co_await SendProtobufList(call, *representer, **reader, *std::move(chunk), options->limit != 0);
  }

  // One chunk ahead: metadata stands before the items, as Kubernetes writes it, while it can be known by then, which is
  // when the list is not paged, or its page ends with the first chunk. Else it follows them; members have no order.
  auto ahead = co_await (*reader)->Next();
  if (!ahead.ok()) co_return co_await SendError(call, ahead.status());
  const bool metadata_first = !representer->metadata_last() && (options->limit == 0 || ahead->empty());

  const bool always = call.definition->flavor == registry::Flavor::kCustom && call.representation.as == As::kObject;
  JsonStream stream(call);
  std::string text = representer->ListHead();
  if (metadata_first) {
    // An unpaged list has neither token nor remainder, so its metadata is complete before its end.
    StrAppend(&text, ",\"metadata\":", FinalMetadata(**reader, /*paged=*/options->limit != 0, always));
  }
  if (representer->table()) StrAppend(&text, ",\"columnDefinitions\":", representer->Columns());
  StrAppend(&text, ",\"", representer->ItemsKey(), "\":[");
  bool any = false;
  while (!chunk->empty()) {
    if (absl::Status s = AppendItems(*representer, *chunk, &any, &text); !s.ok()) {
      if (!stream.started()) co_await SendError(call, std::move(s));
      co_return;  // without End: the peer sees a broken answer, not a short list
    }
    if (absl::Status s = co_await stream.Append(std::move(text)); !s.ok()) co_return;
    text.clear();
    chunk = std::move(ahead);
    if (chunk->empty()) break;
    ahead = co_await (*reader)->Next();
    if (!ahead.ok()) {
      if (!stream.started()) co_await SendError(call, ahead.status());
      co_return;
    }
  }
  StrAppend(&text, "]", representer->AfterItems());
  if (!metadata_first) StrAppend(&text, ",\"metadata\":", FinalMetadata(**reader, /*paged=*/true, always));
  text += "}";
  if (absl::Status s = co_await stream.Append(std::move(text)); !s.ok()) co_return;
  (void)co_await stream.End();
}

}  // namespace atoll::endpoints
