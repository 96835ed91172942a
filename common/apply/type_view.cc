#include "common/apply/type_view.h"

#include <algorithm>
#include <string>
#include <utility>

#include "common/api/errors.h"
#include "common/apply/path_element.h"
#include "common/base/strings.h"
#include "common/json/write.h"

namespace atoll::apply {

namespace {

using json::Value;
using schema::ListType;
using schema::Schema;
using schema::Type;

constexpr std::string_view kQuantity = "io.k8s.apimachinery.pkg.api.resource.Quantity";

// Go's `%#v` of what Kubernetes decodes JSON into.
void AppendGoSyntax(const Value& v, std::string* out) {
  switch (v.kind()) {
    case Value::Kind::kNull:
      out->append("interface {}(nil)");
      return;
    case Value::Kind::kString:
      out->append(api::GoQuote(v.string()));
      return;
    case Value::Kind::kArray: {
      out->append("[]interface {}{");
      std::string_view separator;
      for (const Value& item : v.array()) {
        out->append(std::exchange(separator, ", "));
        AppendGoSyntax(item, out);
      }
      out->append("}");
      return;
    }
    case Value::Kind::kObject: {
      out->append("map[string]interface {}{");
      std::string_view separator;
      const SortedMembers members(&v);
      for (size_t i = 0; i < members.size(); ++i) {
        StrAppend(out, std::exchange(separator, ", "), api::GoQuote(members[i].first), ":");
        AppendGoSyntax(members[i].second, out);
      }
      out->append("}");
      return;
    }
    default:
      json::AppendTo(out, v);
  }
}

const char* GoTypeName(const Value& v) {
  switch (v.kind()) {
    case Value::Kind::kString:
      return "string";
    case Value::Kind::kBool:
      return "bool";
    case Value::Kind::kArray:
      return "[]interface {}";
    case Value::Kind::kObject:
      return "map[string]interface {}";
    default:
      return "<nil>";
  }
}

bool IsScalar(const Value& v) { return v.is_number() || v.is_string() || v.is_bool(); }

// A string whose format lets it be written otherwise, too.
bool AnyScalar(const Schema& node) {
  if (node.type == Type::kAny || node.int_or_string || node.name == kQuantity) return true;
  return node.type == Type::kString && !node.format.empty() && node.format != "byte";
}

}  // namespace

std::string PrintGo(const Value& v) {
  switch (v.kind()) {
    case Value::Kind::kNull:
      return "<nil>";
    case Value::Kind::kString:
      return v.string();
    case Value::Kind::kArray: {
      std::string out = "[";
      for (const Value& item : v.array()) StrAppend(&out, out.size() > 1 ? " " : "", PrintGo(item));
      return out + "]";
    }
    case Value::Kind::kObject: {
      std::string out = "map[";
      const SortedMembers members(&v);
      for (size_t i = 0; i < members.size(); ++i)
        StrAppend(&out, i > 0 ? " " : "", members[i].first, ":", PrintGo(members[i].second));
      return out + "]";
    }
    default:
      return json::Write(v);
  }
}

TypeView::TypeView(const Schema* node, bool open) : node_(node), open_(open) {
  if (node == nullptr) return;
  if (node->opaque && !node->atomic_map) node_ = nullptr;
  open_ = open || node->preserve_unknown;
}

Shape TypeView::ShapeOf(const Value& value) const {
  switch (node_ == nullptr ? Type::kAny : node_->type) {
    case Type::kObject:
      return Shape::kMap;
    case Type::kArray:
      return Shape::kList;
    case Type::kAny:
      if (value.is_array()) return Shape::kList;
      return IsScalar(value) ? Shape::kScalar : Shape::kMap;
    default:
      return Shape::kScalar;
  }
}

TypeView::MemberType TypeView::Member(std::string_view name) const {
  if (node_ == nullptr) return {TypeView(), false, true};
  if (const Schema* field = node_->Property(name); field != nullptr) return {TypeView(field, open_), true, true};
  if (node_->embedded_resource && (name == "apiVersion" || name == "kind" || name == "metadata"))
    return {TypeView(), true, true};
  if (node_->additional_properties != nullptr)
    return {TypeView(node_->additional_properties.get(), open_), false, true};
  return {TypeView(), false, open_ || node_->properties.empty()};
}

TypeView TypeView::Item() const { return node_ == nullptr ? TypeView() : TypeView(node_->items.get(), open_); }

absl::StatusOr<std::string> TypeView::ItemElement(const Value& item) const {
  if (node_->list_type == ListType::kSet || node_->list_map_keys.empty()) {
    if (item.is_object())
      return absl::InvalidArgumentError("associative list without keys has an element that's a map type");
    if (item.is_array()) return absl::InvalidArgumentError("not supported: associative list with lists as elements");
    if (item.is_null())
      return absl::InvalidArgumentError("associative list without keys has an element that's an explicit null");
    return ValueElement(item);
  }
  if (item.is_null()) return absl::InvalidArgumentError("associative list with keys may not have a null element");
  if (!item.is_object()) return absl::InvalidArgumentError("associative list with keys may not have non-map elements");
  json::Object keys;
  for (const std::string& name : node_->list_map_keys) {
    if (const Value* part = item.Find(name); part != nullptr) {
      keys.Append(name, *part);
    } else if (node_->items != nullptr) {
      const Schema* field = node_->items->Property(name);
      if (field != nullptr && field->default_value.has_value()) keys.Append(name, *field->default_value);
    }
  }
  if (keys.empty()) {
    std::string names;
    for (const std::string& name : node_->list_map_keys)
      StrAppend(&names, names.empty() ? "" : " ", api::GoQuote(name));
    return absl::InvalidArgumentError(StrCat("associative list with keys has an element that omits all key fields [",
                                             names, "] (and doesn't have default values for any key fields)"));
  }
  return KeyElement(std::move(keys));
}

std::string TypeView::ScalarMismatch(const Value& value) const {
  if (value.is_null()) return "";
  if (node_ == nullptr || AnyScalar(*node_))
    return IsScalar(value) ? "" : StrCat("expected any scalar, got &{", PrintGo(value), "}");
  switch (node_->type) {
    case Type::kInteger:
    case Type::kNumber:
      return value.is_number() ? "" : StrCat("expected numeric (int or float), got ", GoTypeName(value));
    case Type::kBoolean:
      return value.is_bool() ? "" : StrCat("expected boolean, got &{", PrintGo(value), "}");
    default: {
      if (value.is_string()) return "";
      std::string out = "expected string, got &value.valueUnstructured{Value:";
      AppendGoSyntax(value, &out);
      return out + "}";
    }
  }
}

SortedMembers::SortedMembers(const Value* object) {
  if (object == nullptr || !object->is_object()) return;
  members_.reserve(object->object().size());
  for (const auto& member : object->object()) members_.push_back(&member);
  const auto before = [](const auto* a, const auto* b) { return a->first < b->first; };
  if (!std::is_sorted(members_.begin(), members_.end(), before)) std::sort(members_.begin(), members_.end(), before);
}

}  // namespace atoll::apply
