#include "shard/endpoints/openapi/schemas.h"

#include "common/base/strings.h"

namespace atoll::endpoints {
namespace {

using json::Array;
using json::Object;
using json::Value;
using schema::Schema;

const char* TypeName(schema::Type type) {
  switch (type) {
    case schema::Type::kObject:
      return "object";
    case schema::Type::kArray:
      return "array";
    case schema::Type::kString:
      return "string";
    case schema::Type::kInteger:
      return "integer";
    case schema::Type::kNumber:
      return "number";
    case schema::Type::kBoolean:
      return "boolean";
    case schema::Type::kAny:
      break;
  }
  return nullptr;
}

Value Strings(const std::vector<std::string>& words) {
  Array array;
  for (const std::string& w : words) array.emplace_back(w);
  return Value(std::move(array));
}

void AppendBounds(const Schema& s, Object* o) {
  auto integer = [&](const char* key, const std::optional<int64_t>& v) {
    if (v) o->Append(key, Value(*v));
  };
  auto number = [&](const char* key, const std::optional<double>& v) {
    if (v) o->Append(key, Value(*v));
  };
  number("minimum", s.minimum);
  if (s.exclusive_minimum) o->Append("exclusiveMinimum", Value(true));
  number("maximum", s.maximum);
  if (s.exclusive_maximum) o->Append("exclusiveMaximum", Value(true));
  number("multipleOf", s.multiple_of);
  integer("minLength", s.min_length);
  integer("maxLength", s.max_length);
  integer("minItems", s.min_items);
  integer("maxItems", s.max_items);
  integer("minProperties", s.min_properties);
  integer("maxProperties", s.max_properties);
  if (!s.pattern.empty()) o->Append("pattern", Value(s.pattern));
  if (!s.enum_values.empty()) o->Append("enum", Value(Array(s.enum_values)));
}

void AppendExtensions(const Schema& s, Object* o) {
  if (s.preserve_unknown) o->Append("x-kubernetes-preserve-unknown-fields", Value(true));
  if (s.embedded_resource) o->Append("x-kubernetes-embedded-resource", Value(true));
  if (s.int_or_string) o->Append("x-kubernetes-int-or-string", Value(true));
  if (!s.list_map_keys.empty()) o->Append("x-kubernetes-list-map-keys", Strings(s.list_map_keys));
  if (s.type == schema::Type::kArray && !(s.authored && s.list_type == schema::ListType::kAtomic)) {
    o->Append("x-kubernetes-list-type", Value(s.list_type == schema::ListType::kMap   ? "map"
                                              : s.list_type == schema::ListType::kSet ? "set"
                                                                                      : "atomic"));
  }
  if (s.atomic_map) o->Append("x-kubernetes-map-type", Value("atomic"));
  if (!s.patch_strategy.empty()) o->Append("x-kubernetes-patch-strategy", Value(s.patch_strategy));
  if (!s.patch_merge_key.empty()) {
    o->Append("x-kubernetes-patch-merge-key", Value(s.patch_merge_key));
  } else if (s.authored && !s.list_map_keys.empty()) {
    o->Append("x-kubernetes-patch-merge-key", Value(s.list_map_keys.front()));
  }
}

void AppendGroupVersionKinds(const Schema& s, Object* o) {
  if (s.group_version_kinds.empty()) return;
  Array kinds;
  for (const api::Gvk& gvk : s.group_version_kinds) {
    Object kind;
    kind.Append("group", Value(gvk.group));
    kind.Append("kind", Value(gvk.kind));
    kind.Append("version", Value(gvk.version));
    kinds.emplace_back(std::move(kind));
  }
  o->Append("x-kubernetes-group-version-kind", Value(std::move(kinds)));
}

}  // namespace

Value Reference(OpenApiVersion version, std::string_view name) {
  Object o;
  o.Append("$ref", Value(Cat(version == OpenApiVersion::kV3 ? "#/components/schemas/" : "#/definitions/", name)));
  return Value(std::move(o));
}

// What stands for a list that is always written is no default of the API.
bool HasDefault(const Schema& s) { return s.default_value.has_value() && !s.default_value->is_null(); }

// A member has a description and a default of its own beside the reference, which in v3 must stand alone.
Value ReferenceInOwnWords(bool v3, const Schema& s) {
  Object o;
  if (s.description != s.copy_of->description && !s.description.empty()) o.Append("description", Value(s.description));
  Value reference = Reference(v3 ? OpenApiVersion::kV3 : OpenApiVersion::kV2, s.name);
  if (!v3) {
    o.Append("$ref", Value(reference.StringAt({"$ref"})));
    return Value(std::move(o));
  }
  if (HasDefault(s)) o.Append("default", *s.default_value);
  if (o.empty()) return reference;
  Array all;
  all.push_back(std::move(reference));
  o.Append("allOf", Value(std::move(all)));
  return Value(std::move(o));
}

Value SchemaObject(OpenApiVersion version, const Schema& s, bool definition, References* references) {
  const bool v3 = version == OpenApiVersion::kV3;
  if (!definition && !s.name.empty()) {
    references->emplace(s.name, s.copy_of == nullptr ? &s : s.copy_of);
    return s.copy_of == nullptr ? Reference(version, s.name) : ReferenceInOwnWords(v3, s);
  }
  Object o;
  if (!s.description.empty()) o.Append("description", Value(s.description));
  if (const char* type = TypeName(s.type); type != nullptr && !(s.int_or_string && v3)) o.Append("type", Value(type));
  if (!s.format.empty()) o.Append("format", Value(s.format));
  if (v3 && s.nullable) o.Append("nullable", Value(true));
  if (v3 && HasDefault(s)) o.Append("default", *s.default_value);
  AppendBounds(s, &o);
  if (!s.required.empty()) o.Append("required", Strings(s.required));
  auto child = [&](const Schema& c) { return SchemaObject(version, c, /*definition=*/false, references); };
  if (!s.properties.empty()) {
    Object properties;
    for (const auto& [name, property] : s.properties) properties.Append(name, child(*property));
    o.Append("properties", Value(std::move(properties)));
  }
  if (s.additional_properties) o.Append("additionalProperties", child(*s.additional_properties));
  if (s.items) o.Append("items", child(*s.items));
  if (v3) {
    auto alternatives = [&](const char* key, const std::vector<schema::SchemaPtr>& list) {
      if (list.empty()) return;
      Array array;
      for (const auto& alternative : list) array.push_back(child(*alternative));
      o.Append(key, Value(std::move(array)));
    };
    alternatives("allOf", s.all_of);
    if (s.int_or_string && s.any_of.empty()) {
      o.Append("anyOf", Value(Array{Value(Object{{"type", "integer"}}), Value(Object{{"type", "string"}})}));
    }
    alternatives("anyOf", s.any_of);
    alternatives("oneOf", s.one_of);
    if (s.not_of) o.Append("not", child(*s.not_of));
    if (!s.validations.empty()) o.Append("x-kubernetes-validations", Value(Array(s.validations)));
  }
  AppendExtensions(s, &o);
  AppendGroupVersionKinds(s, &o);
  return Value(std::move(o));
}

}  // namespace atoll::endpoints
