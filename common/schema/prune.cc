// Unknown members: naming them, removing them, and the canonical form of compiled-in types, which also drops them.
#include <algorithm>

#include "common/base/strings.h"
#include "common/schema/notation.h"
#include "common/schema/path.h"
#include "common/schema/schema.h"

namespace atoll::schema {
namespace {

using json::Value;

// A node that says nothing of what an object may hold.
bool HoldsAnything(const Schema& s) {
  if (s.opaque || s.preserve_unknown) return true;
  return s.type == Type::kAny && s.properties.empty() && s.additional_properties == nullptr;
}

bool Implicit(std::string_view name) { return name == "apiVersion" || name == "kind" || name == "metadata"; }

const Schema* MemberSchema(const Schema& s, std::string_view name) {
  if (const Schema* p = s.Property(name)) return p;
  return s.additional_properties.get();
}

void Collect(const Schema& node, const Value& v, const Path& path, std::vector<std::string>* out) {
  const Schema& s = node.For(v);
  if (v.is_array() && s.items != nullptr) {
    size_t i = 0;
    for (const Value& item : v.array()) Collect(*s.items, item, Path{&path, {}, i++}, out);
    return;
  }
  if (!v.is_object()) return;
  for (const auto& [name, child] : v.object()) {
    const Path below{&path, name, 0};
    if (const Schema* c = MemberSchema(s, name)) {
      Collect(*c, child, below, out);
    } else if (!HoldsAnything(s) && !((path.root() || s.embedded_resource) && Implicit(name))) {
      out->push_back(below.Text());
    }
  }
}

void PruneNode(const Schema& node, Value* v, bool root) {
  const Schema& s = node.For(*v);
  if (v->is_array() && s.items != nullptr) {
    for (Value& item : v->array()) PruneNode(*s.items, &item, false);
    return;
  }
  if (!v->is_object()) return;
  bool keep_all = HoldsAnything(s);
  auto& members = v->object().members();
  std::erase_if(members, [&](auto& m) {
    const Schema* c = MemberSchema(s, m.first);
    if (c != nullptr) {
      PruneNode(*c, &m.second, false);
      return false;
    }
    return !keep_all && !((root || s.embedded_resource) && Implicit(m.first));
  });
}

// What Go makes of a null in a list or a map.
Value ZeroOf(const Schema& s) {
  if (s.default_value.has_value()) return *s.default_value;
  return s.type == Type::kString ? Value("") : Value();
}

// True when Go would leave the value out (`omitempty`).
bool Omitted(const Schema& s, const Value& v) {
  if (s.keep_empty || s.default_value.has_value()) return false;
  switch (v.kind()) {
    case Value::Kind::kNull:
      return true;
    case Value::Kind::kBool:
      return !v.bool_value();
    case Value::Kind::kInt:
    case Value::Kind::kDouble:
      return v.number_value() == 0;
    case Value::Kind::kString:
      return v.string().empty();
    case Value::Kind::kArray:
      return v.array().empty();
    case Value::Kind::kObject:
      return v.object().empty() && s.additional_properties != nullptr;
  }
  return false;
}

}  // namespace

std::vector<std::string> UnknownFields(const Schema& schema, const Value& value) {
  std::vector<std::string> out;
  Collect(schema, value, {}, &out);
  return out;
}

void Prune(const Schema& schema, Value* value) { PruneNode(schema, value, true); }

// A list or map that is empty is none where none is what stands there by default.
bool IsEmptyCollection(const Value& v) {
  return v.is_array() ? v.array().empty() : v.is_object() && v.object().empty();
}

void Canonicalize(const Schema& node, Value* v) {
  const Schema& s = node.For(*v);
  if (s.notation != Notation::kPlain) return WriteNotation(s.notation, v);
  if (s.type == Type::kString && s.format == "byte") return WriteBase64(v);
  if (v->is_array() && s.items != nullptr) {
    for (Value& item : v->array()) {
      if (item.is_null()) item = ZeroOf(*s.items);
      Canonicalize(*s.items, &item);
    }
    return;
  }
  if (!v->is_object() || HoldsAnything(s)) return;
  if (s.additional_properties != nullptr && s.properties.empty()) {
    for (auto& [key, child] : v->object()) {
      if (child.is_null()) child = ZeroOf(*s.additional_properties);
      Canonicalize(*s.additional_properties, &child);
    }
    v->object().SortByKey();
    return;
  }
  json::Object ordered;
  ordered.members().reserve(v->object().size() + 2);
  for (const auto& [name, child] : s.properties) {
    Value* have = v->object().Find(name);
    Value member;
    if (have != nullptr && !have->is_null()) {
      member = std::move(*have);
    } else if (child->default_value.has_value()) {
      member = *child->default_value;
    } else {
      continue;
    }
    Canonicalize(*child, &member);
    if (IsEmptyCollection(member) && child->default_value.has_value() && child->default_value->is_null())
      member = Value();
    if (!Omitted(*child, member)) ordered.Append(name, std::move(member));
  }
  *v = Value(std::move(ordered));
}

}  // namespace atoll::schema
