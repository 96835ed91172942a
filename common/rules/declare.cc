#include "common/rules/declare.h"

#include <algorithm>
#include <set>

#include "common/base/strings.h"

namespace atoll::rules {
namespace {

using cel::Type;
using json::Value;

// What a server takes, and the shortest and longest texts of values with a format.
constexpr int64_t kRequestBytesMax = 3 * 1024 * 1024;
constexpr int64_t kEmptyText = 2, kBool = 4, kNumber = 1, kDurationMin = 3, kDurationMax = 32, kDate = 12,
                  kDateTimeMin = 21, kDateTimeMax = 32;

std::string_view TypeOf(const Value& schema) { return schema.StringAt({"type"}); }

std::optional<int64_t> BoundAt(const Value& schema, std::string_view key) {
  const Value* v = schema.Find(key);
  if (v == nullptr || !v->is_number()) return std::nullopt;
  return std::max<int64_t>(0, v->is_int() ? v->int_value() : static_cast<int64_t>(v->number_value()));
}

// Bytes of a text of so many characters.
int64_t BytesOf(int64_t characters) {
  return characters > kRequestBytesMax * 4 ? kRequestBytesMax * 16 : characters * 4;
}

int64_t LongestChoice(const json::Array& choices) {
  size_t longest = 0;
  for (const Value& v : choices) longest = std::max(longest, v.StringOr().size());
  return static_cast<int64_t>(longest);
}

bool Names(const json::Array& list, std::string_view name) {
  return std::any_of(list.begin(), list.end(), [&](const Value& v) { return v.StringOr() == name; });
}

}  // namespace

const Declaration* Declaration::Field(std::string_view name) const {
  for (const auto& [field, declaration] : fields) {
    if (field == name) return declaration;
  }
  return nullptr;
}

std::optional<std::string> EscapedName(std::string_view member) {
  static const std::set<std::string_view> kReserved = {
      "true", "false",  "null", "in",   "as",      "break",     "const",  "continue", "else", "for",  "function",
      "if",   "import", "let",  "loop", "package", "namespace", "return", "var",      "void", "while"};
  if (member.empty() || (member[0] >= '0' && member[0] <= '9')) return std::nullopt;
  if (kReserved.contains(member)) return StrCat("__", member, "__");
  std::string out;
  for (size_t i = 0; i < member.size(); ++i) {
    const char c = member[i];
    if (c == '_' && i + 1 < member.size() && member[i + 1] == '_') {
      out += "__underscores__";
      ++i;
    } else if (c == '.') {
      out += "__dot__";
    } else if (c == '-') {
      out += "__dash__";
    } else if (c == '/') {
      out += "__slash__";
    } else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_') {
      out.push_back(c);
    } else {
      return std::nullopt;
    }
  }
  return out;
}

const Declaration* Declarations::Simple(const Type* type, int64_t bytes_min, int64_t elements_max) {
  Declaration& d = all_.emplace_back();
  d.type = type;
  d.bytes_min = bytes_min;
  d.elements_max = elements_max;
  return &d;
}

const Type* Declarations::Nullable(const Value& schema, const Type* type) {
  return schema.BoolAt({"nullable"}) ? pool_->AcceptingNull(type) : type;
}

const Declaration* Declarations::Declare(const Value& schema, bool resource) {
  const auto length = BoundAt(schema, "maxLength");
  if (schema.BoolAt({"x-kubernetes-int-or-string"}))
    return Simple(Type::Dyn(), 1, length ? BytesOf(*length) : kRequestBytesMax - kEmptyText);
  const std::string_view type = TypeOf(schema);
  if (type == "array") return List(schema);
  if (type == "object" || (resource && type.empty())) {
    const Value* more = schema.Find("additionalProperties");
    if (more != nullptr && more->is_object()) return Map(schema);
    return Object(schema, resource);
  }
  if (type == "string") return Text(schema);
  if (type == "boolean") return Simple(Nullable(schema, Type::Bool()), kBool, 0);
  if (type == "number") return Simple(Nullable(schema, Type::Double()), kNumber, 0);
  if (type == "integer") return Simple(Nullable(schema, Type::Int()), kNumber, 0);
  return nullptr;
}

const Declaration* Declarations::Text(const Value& schema) {
  const std::string_view format = schema.StringAt({"format"});
  const auto length = BoundAt(schema, "maxLength");
  if (format == "byte") {
    return Simple(Nullable(schema, Type::Bytes()), kEmptyText, length ? *length : kRequestBytesMax - kEmptyText);
  }
  if (format == "duration") return Simple(Nullable(schema, Type::Duration()), kDurationMin, kDurationMax);
  if (format == "date") return Simple(Nullable(schema, Type::Timestamp()), kDate, kDate);
  if (format == "date-time") return Simple(Nullable(schema, Type::Timestamp()), kDateTimeMin, kDateTimeMax);
  int64_t longest = kRequestBytesMax - kEmptyText;
  if (length) {
    longest = BytesOf(*length);
  } else if (const Value* choices = schema.Find("enum");
             choices != nullptr && choices->is_array() && !choices->array().empty()) {
    longest = LongestChoice(choices->array());
  }
  return Simple(Nullable(schema, Type::String()), kEmptyText, longest);
}

const Declaration* Declarations::List(const Value& schema) {
  const Value* items = schema.Find("items");
  if (items == nullptr || !items->is_object()) return nullptr;
  const Declaration* element = Declare(*items, items->BoolAt({"x-kubernetes-embedded-resource"}));
  if (element == nullptr) return nullptr;
  const std::string_view kind = schema.StringAt({"x-kubernetes-list-type"});
  std::vector<std::string> keys;
  if (const Value* list = schema.Find("x-kubernetes-list-map-keys"); list != nullptr && list->is_array()) {
    for (const Value& key : list->array()) keys.emplace_back(key.StringOr());
  }
  const Type* type = pool_->List(element->type,
                                 kind == "map"   ? cel::ListKind::kMap
                                 : kind == "set" ? cel::ListKind::kSet
                                                 : cel::ListKind::kAtomic,
                                 std::move(keys));
  Declaration& d = all_.emplace_back();
  d.type = Nullable(schema, type);
  d.bytes_min = 2;
  d.elements_max = BoundAt(schema, "maxItems").value_or((kRequestBytesMax - 2) / (element->bytes_min + 1));
  d.element = element;
  return &d;
}

const Declaration* Declarations::Map(const Value& schema) {
  const Value& values = *schema.Find("additionalProperties");
  const Declaration* element = Declare(values, values.BoolAt({"x-kubernetes-embedded-resource"}));
  if (element == nullptr) return nullptr;
  const Declaration* key = Simple(Type::String(), kEmptyText, 0);
  Declaration& d = all_.emplace_back();
  d.type = Nullable(schema, pool_->Map(Type::String(), element->type));
  d.bytes_min = 2;
  d.elements_max = BoundAt(schema, "maxProperties").value_or((kRequestBytesMax - 2) / (element->bytes_min + 6));
  d.element = element;
  d.key = key;
  return &d;
}

const Declaration* Declarations::Object(const Value& schema, bool resource) {
  static const json::Array* const none = new json::Array();
  const Value* list = schema.Find("required");
  const json::Array& required = list != nullptr && list->is_array() ? list->array() : *none;
  Declaration& d = all_.emplace_back();
  d.bytes_min = 2;
  std::vector<cel::Field> fields;
  const auto add = [&](const std::string& member, const Declaration* of) {
    auto name = EscapedName(member);
    if (!name) return;
    fields.push_back({*name, member, of->type});
    d.fields.emplace_back(*std::move(name), of);
  };
  if (const Value* properties = schema.Find("properties"); properties != nullptr && properties->is_object()) {
    for (const auto& [member, child] : properties->object()) {
      if (resource && (member == "apiVersion" || member == "kind" || member == "metadata")) continue;
      const Declaration* of = Declare(child, child.BoolAt({"x-kubernetes-embedded-resource"}));
      if (of == nullptr) continue;
      add(member, of);
      if (Names(required, member) && child.Find("default") == nullptr)
        d.bytes_min += static_cast<int64_t>(member.size()) + of->bytes_min + 4;
    }
  }
  if (resource) {
    const Declaration* text = Simple(Type::String(), kEmptyText, kRequestBytesMax - kEmptyText);
    Declaration& metadata = all_.emplace_back();
    metadata.bytes_min = 2;
    metadata.fields = {{"name", text}, {"generateName", text}};
    metadata.type =
        pool_->Struct("object", {{"name", "name", Type::String()}, {"generateName", "generateName", Type::String()}});
    add("apiVersion", text);
    add("kind", text);
    add("metadata", &metadata);
  }
  d.type = Nullable(schema, pool_->Struct("object", std::move(fields)));
  return &d;
}

std::optional<cel::Range> DeclaredSizes::EstimateSize(const std::vector<std::string>& path,
                                                      const cel::Type& type) const {
  if (path.empty()) return std::nullopt;
  const Declaration* at = &root_;
  for (size_t i = 1; i < path.size(); ++i) {
    if (path[i] == "@items" || path[i] == "@values") {
      at = at->element;
    } else if (path[i] == "@keys") {
      at = at->key;
    } else {
      at = at->Field(path[i]);
    }
    if (at == nullptr) return std::nullopt;
  }
  return cel::Range{0, static_cast<uint64_t>(at->elements_max)};
}

}  // namespace atoll::rules
