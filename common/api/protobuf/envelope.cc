#include "common/api/protobuf/codec.h"
#include "common/api/protobuf/tables/meta.h"
#include "common/api/protobuf/wire.h"
#include "common/base/status.h"
#include "common/base/strings.h"

namespace atoll::api::protobuf {
namespace {

constexpr std::string_view kMagic("k8s\0", 4);

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
Gvk GvkOf(const json::Value& object) {
  std::string_view api_version = object.StringAt({"apiVersion"});
  const size_t slash = api_version.find('/');
  Gvk gvk;
  if (slash != std::string_view::npos) gvk.group = std::string(api_version.substr(0, slash));
  gvk.version = std::string(slash == std::string_view::npos ? api_version : api_version.substr(slash + 1));
  gvk.kind = std::string(object.StringAt({"kind"}));
  return gvk;
}

void AppendListMessage(const Message& item, const json::Value& list, std::string* out) {
  const Field fields[] = {
      {1, "metadata", Type::kMessage, Shape::kSingle, &tables::kListMeta},
      {2, "items", Type::kMessage, Shape::kRepeated, &item},
  };
  AppendMessage({"List", fields}, list, out);
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

std::optional<std::string> EncodeObject(const json::Value& object) {
  Gvk gvk = GvkOf(object);
  const Message* message = FindMessage(gvk);
  bool list = false;
  if (message == nullptr && gvk.kind.ends_with("List")) {
    gvk.kind.resize(gvk.kind.size() - 4);
    message = FindMessage(gvk);
    list = true;
  }
  if (message == nullptr) return std::nullopt;
  std::string out(kMagic);
  {
    LengthDelimited type_meta(1, &out);
    AppendBytesField(1, object.StringAt({"apiVersion"}), &out);
    AppendBytesField(2, object.StringAt({"kind"}), &out);
  }
  {
    LengthDelimited raw(2, &out);
    list ? AppendListMessage(*message, object, &out) : AppendMessage(*message, object, &out);
  }
  AppendBytesField(3, "", &out);
  AppendBytesField(4, "", &out);
  return out;
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
