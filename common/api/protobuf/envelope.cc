#include "common/api/protobuf/codec.h"
#include "common/api/protobuf/json_text.h"
#include "common/api/protobuf/tables/meta.h"
#include "common/api/protobuf/wire.h"
#include "common/base/status.h"
#include "common/base/strings.h"

namespace atoll::api::protobuf {
namespace {

constexpr std::string_view kMagic("k8s\0", 4);
constexpr uint32_t kRaw = 2;                   // of the envelope
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

// What stands before an object in its envelope, but for the object's length.
std::string EnvelopeHead(std::string_view api_version, std::string_view kind) {
  std::string out(kMagic);
  {
    LengthDelimited type_meta(1, &out);
    AppendBytesField(1, api_version, &out);
    AppendBytesField(2, kind, &out);
  }
  return out;
}

// What stands behind it: no encoding, no content type.
void AppendEnvelopeTail(std::string* out) {
  AppendBytesField(3, "", out);
  AppendBytesField(4, "", out);
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
    std::string out = EnvelopeHead(api_version, kind);
    {
      LengthDelimited raw(kRaw, &out);
      AppendMessage(*message, json, &out);
    }
    AppendEnvelopeTail(&out);
    return out;
  }
  constexpr std::string_view kList = "List";
  if (!kind.ends_with(kList)) return std::nullopt;
  const Message* item = FindMessage(GvkOf(api_version, kind.substr(0, kind.size() - kList.size())));
  if (item == nullptr) return std::nullopt;
  ListEncoder list(*item);
  JsonText(items).ForEachElement([&](std::string_view element) { list.Add(element); });
  return StrJoin(list.Finish(api_version, kind, metadata), "");
}

void ListEncoder::Add(std::string_view json) {
  if (pieces_.empty() || pieces_.back().size() >= kPieceBytes) {
    if (!pieces_.empty()) {
      bytes_ += pieces_.back().size();
      pieces_.emplace_back().reserve(kPieceBytes + json.size());  // the first one may stay small
    } else {
      pieces_.emplace_back();
    }
  }
  LengthDelimited item(kItems, &pieces_.back());
  AppendMessage(item_, json, &pieces_.back());
}

std::vector<std::string> ListEncoder::Finish(std::string_view api_version, std::string_view kind,
                                             std::string_view metadata) {
  if (!pieces_.empty()) bytes_ += pieces_.back().size();
  std::string list_meta;
  {
    LengthDelimited field(kMetadata, &list_meta);
    AppendMessage(tables::kListMeta, metadata, &list_meta);
  }
  std::string head = EnvelopeHead(api_version, kind);
  AppendTag(kRaw, WireType::kBytes, &head);
  AppendVarint(list_meta.size() + bytes_, &head);
  head += list_meta;
  pieces_.insert(pieces_.begin(), std::move(head));
  AppendEnvelopeTail(&pieces_.back());
  return std::move(pieces_);
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
