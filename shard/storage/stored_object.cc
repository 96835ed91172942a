#include "shard/storage/stored_object.h"

#include <optional>

#include "common/api/object.h"
#include "common/base/strings.h"
#include "common/json/parse.h"
#include "common/json/write.h"
#include "common/schema/schema.h"
#include "shard/storage/json_scan.h"
#include "shard/storage/object_writer.h"

namespace atoll::storage {

namespace {

constexpr char kFormatWithoutLabels = 1, kFormat = 2, kFormatWithShape = 3;
constexpr size_t kShapeBytes = 8;

void AppendVarint(std::string* out, size_t value) {
  while (value >= 0x80) {
    out->push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out->push_back(static_cast<char>(value));
}

bool ReadVarint(std::string_view* in, size_t* value) {
  *value = 0;
  for (int shift = 0; shift < 35 && !in->empty(); shift += 7) {
    const uint8_t byte = static_cast<uint8_t>(in->front());
    in->remove_prefix(1);
    *value |= static_cast<size_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

struct Parts {
  std::string_view json;
  size_t items_offset = 0, version_offset = 0;
  std::optional<size_t> labels_offset;  // unknown in the old format
  uint64_t shape = 0;
};

// False for bytes that EncodeObject did not write.
bool Split(std::string_view value, Parts* parts) {
  if (value.empty() || value[0] < kFormatWithoutLabels || value[0] > kFormatWithShape) return false;
  const bool labels_known = value[0] != kFormatWithoutLabels, shaped = value[0] == kFormatWithShape;
  value.remove_prefix(1);
  if (!ReadVarint(&value, &parts->items_offset) || !ReadVarint(&value, &parts->version_offset)) return false;
  if (labels_known) {
    size_t at = 0;
    if (!ReadVarint(&value, &at) || at >= value.size()) return false;
    parts->labels_offset = at;
  }
  if (shaped) {
    if (value.size() < kShapeBytes) return false;
    for (size_t i = 0; i < kShapeBytes; ++i) parts->shape = parts->shape << 8 | static_cast<uint8_t>(value[i]);
    value.remove_prefix(kShapeBytes);
  }
  parts->json = value;
  return parts->items_offset > 0 && parts->version_offset > 1 && parts->items_offset < value.size() &&
         parts->version_offset < value.size() && parts->items_offset <= parts->version_offset;
}

std::string Join(const Parts& parts) {
  std::string out;
  out.reserve(parts.json.size() + 16);
  out.push_back(parts.shape != 0 ? kFormatWithShape : parts.labels_offset ? kFormat : kFormatWithoutLabels);
  AppendVarint(&out, parts.items_offset);
  AppendVarint(&out, parts.version_offset);
  if (parts.labels_offset || parts.shape != 0) AppendVarint(&out, parts.labels_offset.value_or(0));
  if (parts.shape != 0) {
    for (size_t i = kShapeBytes; i-- > 0;) out.push_back(static_cast<char>(parts.shape >> (8 * i)));
  }
  out.append(parts.json);
  return out;
}

// What was stored by another schema, as this one would have it.
void Reshape(const registry::ResourceDefinition& definition, json::Value* object) {
  if (definition.schema == nullptr || !object->is_object()) return;
  schema::Prune(*definition.schema, object);
  schema::DropNulls(*definition.schema, object);
  schema::ApplyDefaults(*definition.schema, object);
}

}  // namespace

bool HasShapeOf(const registry::ResourceDefinition& definition, std::string_view value) {
  Parts parts;
  return definition.shape == 0 || (Split(value, &parts) && parts.shape == definition.shape);
}

std::string EncodeObject(const registry::ResourceDefinition& definition, const LogicalClusterId& cluster,
                         json::Value object) {
  CHECK(object.is_object());
  if (!cluster.empty()) api::SetAnnotation(&object, api::kClusterAnnotation, cluster.name());
  const WrittenObject w = WriteObject(definition, object);
  return Join({w.json, w.items_offset, w.version_offset, w.labels_offset, definition.shape});
}

std::string EncodeForStore(const registry::ResourceDefinition& definition, const LogicalClusterId& cluster,
                           json::Value object) {
  if (!definition.to_stored) return EncodeObject(definition, cluster, std::move(object));
  definition.to_stored(&object);
  // The stored kind's schema is not at hand: its members stay in the order the conversion gave them.
  registry::ResourceDefinition stored;
  const std::string api_version(object.StringAt({"apiVersion"}));
  const size_t slash = api_version.find('/');
  stored.gvr.group = slash == std::string::npos ? "" : api_version.substr(0, slash);
  stored.gvr.version = slash == std::string::npos ? api_version : api_version.substr(slash + 1);
  stored.gvr.resource = definition.stored_as.resource;
  stored.kind = std::string(object.StringAt({"kind"}));
  stored.flavor = definition.flavor;
  return EncodeObject(stored, cluster, std::move(object));
}

std::string_view StoredObject::RawJsonOf(std::string_view value) {
  Parts parts;
  return Split(value, &parts) ? parts.json : std::string_view();
}

std::string_view StoredObject::RawLabelsOf(std::string_view value) {
  Parts parts;
  if (!Split(value, &parts)) return {};
  if (!parts.labels_offset) return FindPath(parts.json, {"metadata", "labels"}).value_or("");
  if (*parts.labels_offset == 0) return {};
  const std::string_view from = parts.json.substr(*parts.labels_offset);
  const size_t end = SkipValue(from, 0);
  return end == std::string_view::npos ? std::string_view() : from.substr(0, end);
}

void StoredObject::AppendJson(std::string* out, bool list_item) const {
  Parts parts;
  if (!Split(value_, &parts)) return;
  const std::string_view json = parts.json;
  const size_t at = parts.version_offset;
  if (list_item) {
    out->push_back('{');
    out->append(json.substr(parts.items_offset, at - parts.items_offset));
  } else {
    out->append(json.substr(0, at));
  }
  if (modified_.value > 0) {
    // The offset is where a member begins, or the closing brace of metadata.
    const bool last = json[at] == '}';
    if (last && json[at - 1] != '{') out->push_back(',');
    *out += StrCat("\"resourceVersion\":\"", modified_.value, last ? "\"" : "\",");
  }
  out->append(json.substr(at));
}

std::string StoredObject::Json() const {
  std::string out;
  out.reserve(value_.size() + 40);
  AppendJson(&out);
  return out;
}

absl::StatusOr<json::Value> StoredObject::Decode() const {
  Parts parts;
  if (!Split(value_, &parts)) return absl::DataLossError("a stored object has an unknown format");
  auto parsed = json::Parse(Json());  // the resourceVersion lies where it is written
  if (!parsed.ok())
    return absl::DataLossError(StrCat("a stored object is no JSON: ", ToStd(parsed.status().message())));
  return parsed;
}

StoredObject StoredObject::InVersion(const registry::ResourceDefinition& definition, std::string value,
                                     store::Revision modified) {
  Parts parts;
  if (!Split(value, &parts)) return StoredObject(std::move(value), modified);
  const auto stored = FindMember(parts.json, "apiVersion");
  if (!stored.has_value()) return StoredObject(std::move(value), modified);
  std::string wanted;
  wanted.reserve(64);
  wanted.push_back('"');
  if (!definition.gvr.group.empty()) wanted += StrCat(definition.gvr.group, "/");
  wanted += StrCat(definition.gvr.version, "\"");
  if (definition.shape != 0 && parts.shape != definition.shape) {
    auto object = json::Parse(parts.json);
    if (!object.ok()) return StoredObject(std::move(value), modified);
    Reshape(definition, &*object);
    return StoredObject(EncodeObject(definition, {}, *std::move(object)), modified);
  }
  if (*stored == wanted) return StoredObject(std::move(value), modified);
  if (definition.from_stored) {
    auto object = json::Parse(parts.json);
    if (!object.ok()) return StoredObject(std::move(value), modified);
    definition.from_stored(&*object);
    return StoredObject(EncodeObject(definition, {}, *std::move(object)), modified);
  }
  const size_t at = static_cast<size_t>(stored->data() - parts.json.data());
  const std::string json = StrCat(parts.json.substr(0, at), wanted, parts.json.substr(at + stored->size()));
  // apiVersion lies before metadata; a typed list's items begin after it.
  const size_t moved = wanted.size() - stored->size();
  if (parts.items_offset > at) parts.items_offset += moved;
  parts.version_offset += moved;
  if (parts.labels_offset.value_or(0) > at) *parts.labels_offset += moved;
  parts.json = json;
  return StoredObject(Join(parts), modified);
}

}  // namespace atoll::storage
