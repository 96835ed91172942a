// Wrong types in compiled-in types, in the words of Go's JSON decoder, because users and tests read them.
#include "common/base/strings.h"
#include "common/json/write.h"
#include "common/schema/notation.h"
#include "common/schema/schema.h"

namespace atoll::schema {
namespace {

using json::Value;

// `io.k8s.api.core.v1.ConfigMap` -> `ConfigMap`.
std::string_view StructName(std::string_view definition) {
  size_t dot = definition.rfind('.');
  return dot == std::string_view::npos ? definition : definition.substr(dot + 1);
}

// `io.k8s.api.core.v1.ConfigMap` -> `v1.ConfigMap`.
std::string_view QualifiedName(std::string_view definition) {
  size_t dot = definition.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return definition;
  size_t before = definition.rfind('.', dot - 1);
  return before == std::string_view::npos ? definition : definition.substr(before + 1);
}

std::string GoType(const Schema& s) {
  switch (s.type) {
    case Type::kString:
      return s.format == "byte" ? "[]uint8" : "string";
    case Type::kInteger:
      return s.format.empty() ? "int64" : s.format;
    case Type::kNumber:
      return "float64";
    case Type::kBoolean:
      return "bool";
    case Type::kArray:
      return StrCat("[]", s.items == nullptr ? "interface {}" : GoType(*s.items));
    case Type::kObject:
      if (s.additional_properties != nullptr) return StrCat("map[string]", GoType(*s.additional_properties));
      return std::string(QualifiedName(s.name));
    case Type::kAny:
      return "interface {}";
  }
  return "interface {}";
}

std::string GoValue(const Value& v) {
  switch (v.kind()) {
    case Value::Kind::kNull:
      return "null";
    case Value::Kind::kBool:
      return "bool";
    case Value::Kind::kInt:
    case Value::Kind::kDouble:
      return "number";
    case Value::Kind::kString:
      return "string";
    case Value::Kind::kArray:
      return "array";
    case Value::Kind::kObject:
      return "object";
  }
  return "";
}

// Walks one object; `struct_name` is the innermost Go struct, `path` the members that lead to `v` from the outermost
// one.
class Checker {
 public:
  absl::Status Check(const Schema& node, const Value& v, std::string_view struct_name, const std::string& path) {
    const Schema& s = node.For(v);
    if (v.is_null() || s.opaque) return absl::OkStatus();
    if (s.notation == Notation::kQuantity) return CheckNotation(s.notation, v);
    if (s.type == Type::kAny) return absl::OkStatus();
    switch (s.type) {
      case Type::kObject:
        return CheckObject(s, v, struct_name, path);
      case Type::kArray:
        if (!v.is_array()) return Mismatch(s, GoValue(v), struct_name, path);
        if (s.items == nullptr) return absl::OkStatus();
        for (const Value& item : v.array()) {
          if (absl::Status st = Check(*s.items, item, struct_name, path); !st.ok()) return st;
        }
        return absl::OkStatus();
      case Type::kString:
        return CheckString(s, v, struct_name, path);
      case Type::kInteger:
        return CheckInteger(s, v, struct_name, path);
      case Type::kNumber:
        return v.is_number() ? absl::OkStatus() : Mismatch(s, GoValue(v), struct_name, path);
      case Type::kBoolean:
        return v.is_bool() ? absl::OkStatus() : Mismatch(s, GoValue(v), struct_name, path);
      case Type::kAny:
        break;
    }
    return absl::OkStatus();
  }

 private:
  static absl::Status Mismatch(const Schema& s, std::string_view got, std::string_view struct_name,
                               const std::string& path) {
    if (path.empty()) {
      return absl::InvalidArgumentError(StrCat("json: cannot unmarshal ", got, " into Go value of type ", GoType(s)));
    }
    return absl::InvalidArgumentError(StrCat("json: cannot unmarshal ", got, " into Go struct field ", struct_name, ".",
                                             path, " of type ", GoType(s)));
  }

  absl::Status CheckObject(const Schema& s, const Value& v, std::string_view struct_name, const std::string& path) {
    if (!v.is_object()) return Mismatch(s, GoValue(v), struct_name, path);
    std::string_view own = s.name.empty() ? struct_name : StructName(s.name);
    for (const auto& [name, child] : v.object()) {
      absl::Status st;
      if (const Schema* c = s.Property(name)) {
        st = Check(*c, child, own, path.empty() ? name : StrCat(path, ".", name));
      } else if (s.additional_properties != nullptr) {
        st = Check(*s.additional_properties, child, struct_name, path);
      }
      if (!st.ok()) return st;
    }
    return absl::OkStatus();
  }

  static absl::Status CheckString(const Schema& s, const Value& v, std::string_view struct_name,
                                  const std::string& path) {
    if (!v.is_string()) return Mismatch(s, GoValue(v), struct_name, path);
    if (s.notation != Notation::kPlain) return CheckNotation(s.notation, v);
    if (s.format == "byte") return CheckBase64(v.string());
    return absl::OkStatus();
  }

  static absl::Status CheckInteger(const Schema& s, const Value& v, std::string_view struct_name,
                                   const std::string& path) {
    if (!v.is_number()) return Mismatch(s, GoValue(v), struct_name, path);
    bool fits = v.is_int() && (s.format != "int32" || (v.int_value() >= INT32_MIN && v.int_value() <= INT32_MAX));
    return fits ? absl::OkStatus() : Mismatch(s, StrCat("number ", json::Write(v)), struct_name, path);
  }
};

}  // namespace

absl::Status CheckTypes(const Schema& schema, const Value& value, std::string_view kind) {
  if (!value.is_object()) {
    return absl::InvalidArgumentError(
        StrCat("json: cannot unmarshal ", GoValue(value), " into Go value of type ", GoType(schema)));
  }
  return Checker().Check(schema, value, kind, "");
}

}  // namespace atoll::schema
