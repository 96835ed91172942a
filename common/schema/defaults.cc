#include "common/schema/schema.h"

namespace atoll::schema {

using json::Value;

// A member with a default is set when it is absent, or null where null is not allowed; then the default itself is
// looked into (spec/api-machinery.md 7.4). A default never creates the parent it stands in.
void ApplyDefaults(const Schema& s, Value* v) {
  if (!s.has_defaults) return;
  auto fill = [](const Schema& child, Value* member) {
    if (member->is_null() && !child.nullable && child.default_value.has_value()) *member = *child.default_value;
    ApplyDefaults(child, member);
  };
  if (v->is_array()) {
    if (s.items == nullptr) return;
    for (Value& item : v->array()) fill(*s.items, &item);
    return;
  }
  if (!v->is_object()) return;
  for (const auto& [name, child] : s.properties) {
    if (!child->has_defaults) continue;
    Value* member = v->object().Find(name);
    if (member != nullptr) {
      fill(*child, member);
    } else if (child->default_value.has_value()) {
      ApplyDefaults(*child, &v->object().Append(name, *child->default_value));
    }
  }
  if (s.additional_properties == nullptr) return;
  for (auto& [name, member] : v->object()) {
    if (s.Property(name) == nullptr) fill(*s.additional_properties, &member);
  }
}

void DropNulls(const Schema& s, Value* v) {
  const auto drops = [](const Schema& child, const Value& member) {
    return member.is_null() && !child.nullable && !child.default_value.has_value();
  };
  if (v->is_array() && s.items != nullptr) {
    for (Value& item : v->array()) DropNulls(*s.items, &item);
    return;
  }
  if (!v->is_object() || (s.properties.empty() && s.additional_properties == nullptr)) return;
  std::erase_if(v->object().members(), [&](auto& member) {
    const Schema* child = s.Property(member.first);
    if (child == nullptr) child = s.additional_properties.get();
    if (child == nullptr) return false;
    if (drops(*child, member.second)) return true;
    DropNulls(*child, &member.second);
    return false;
  });
}

}  // namespace atoll::schema
