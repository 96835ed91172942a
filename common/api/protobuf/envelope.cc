#include "common/api/protobuf/codec.h"
#include "common/api/protobuf/json_text.h"
#include "common/api/protobuf/tables/meta.h"
#include "common/api/protobuf/wire.h"
#include "common/base/status.h"
#include "common/base/strings.h"

namespace atoll::api::protobuf {
namespace {

constexpr std::string_view kMagic("k8s\0", 4);
constexpr uint32_t kMetadata = 1, kItems = 2;  // of every list

absl::Status ReadTypeMeta(std::string_view bytes, Envelope* envelope) {
  Reader reader(bytes);
  while (!reader.done()) {
    Tag tag;
    RETURN_IF_ERROR(reader.ReadTag(&tag));
    if (tag.type == WireType::kBytes && (tag.number == 1 || tag.number == 2)) {
      RETURN_IF_ERROR(reader.ReadBytes(tag.number == 1 ? &envelope->api_version : &envelope->kind));
    } else {
      RETURN_IF_ERROR(reader.Skip(tag.type));
    }
  }
  return absl::OkStatus();
}

// `rbac.authorization.k8s.io/v1`, `v1`.
Gvk GvkOf(std::string_view api_version, std::string_view kind) {
  const size_t slash = api_version.find('/');
  Gvk gvk;
  if (slash != std::string_view::npos) gvk.group = std::string(api_version.substr(0, slash));
  gvk.version = std::string(slash == std::string_view::npos ? api_version : api_version.substr(slash + 1));
  gvk.kind = std::string(kind);
  return gvk;
}

std::string_view Unquoted(std::string_view json) {
  return json.size() < 2 || json.front() != '"' ? std::string_view() : json.substr(1, json.size() - 2);
}

// The envelope around what `append` writes.
template <typename Append>
std::string Enclosed(std::string_view api_version, std::string_view kind, Append append) {
  std::string out(kMagic);
  {
    LengthDelimited type_meta(1, &out);
    AppendBytesField(1, api_version, &out);
    AppendBytesField(2, kind, &out);
  }
  {
    LengthDelimited raw(2, &out);
    append(&out);
  }
  AppendBytesField(3, "", &out);
  AppendBytesField(4, "", &out);
  return out;
}

}  // namespace

absl::StatusOr<Envelope> OpenEnvelope(std::string_view body) {
  if (body.empty()) return absl::InvalidArgumentError("empty data");
  if (!body.starts_with(kMagic)) {
    return absl::InvalidArgumentError(
        "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]");
  }
  if (body.size() == kMagic.size()) return absl::InvalidArgumentError("empty body");
  Envelope envelope;
  std::string_view encoding, type, bytes;
  Reader reader(body.substr(kMagic.size()));
  while (!reader.done()) {
    Tag tag;
    RETURN_IF_ERROR(reader.ReadTag(&tag));
    if (tag.number > 4 || tag.type != WireType::kBytes) {
      RETURN_IF_ERROR(reader.Skip(tag.type));
      continue;
    }
    RETURN_IF_ERROR(reader.ReadBytes(&bytes));
    if (tag.number == 1) RETURN_IF_ERROR(ReadTypeMeta(bytes, &envelope));
    if (tag.number == 2) envelope.raw = bytes;
    if (tag.number == 3) encoding = bytes;
    if (tag.number == 4) type = bytes;
  }
  if (!encoding.empty()) return absl::InvalidArgumentError("protobuf content may not be encoded");
  if (!type.empty() && type != kMediaType)
    return absl::InvalidArgumentError("protobuf content may not be of another content type");
  return envelope;
}

std::optional<std::string> EncodeObject(std::string_view json) {
  std::string_view api_version, kind, metadata, items;
  JsonText(json).ForEachMember([&](std::string_view key, std::string_view value) {
    if (key == "apiVersion") api_version = Unquoted(value);
    if (key == "kind") kind = Unquoted(value);
    if (key == "metadata") metadata = value;
    if (key == "items") items = value;
  });
  if (const Message* message = FindMessage(GvkOf(api_version, kind))) {
    return Enclosed(api_version, kind, [&](std::string* out) { AppendMessage(*message, json, out); });
  }
  constexpr std::string_view kList = "List";
  if (!kind.ends_with(kList)) return std::nullopt;
  const Message* item = FindMessage(GvkOf(api_version, kind.substr(0, kind.size() - kList.size())));
  if (item == nullptr) return std::nullopt;
  ListEncoder list(*item);
  JsonText(items).ForEachElement([&](std::string_view element) { list.Add(element); });
  return list.Finish(api_version, kind, metadata);
}

void ListEncoder::Add(std::string_view json) {
  LengthDelimited item(kItems, &items_);
  AppendMessage(item_, json, &items_);
}

std::string ListEncoder::Finish(std::string_view api_version, std::string_view kind, std::string_view metadata) {
  return Enclosed(api_version, kind, [&](std::string* out) {
    {
      LengthDelimited list_meta(kMetadata, out);
      AppendMessage(tables::kListMeta, metadata, out);
    }
    out->append(items_);
  });
}

std::string WatchFrame(std::string_view type, std::string_view object) {
  std::string out(4, '\0');
  AppendBytesField(1, type, &out);
  {
    LengthDelimited extension(2, &out);
    AppendBytesField(1, object, &out);
  }
  const uint32_t length = static_cast<uint32_t>(out.size() - 4);
  for (int i = 0; i < 4; ++i) out[i] = static_cast<char>(length >> (24 - 8 * i));
  return out;
}

}  // namespace atoll::api::protobuf
