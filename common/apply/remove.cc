#include <utility>

#include "common/apply/items.h"
#include "common/apply/path_element.h"
#include "common/apply/typed.h"

namespace atoll::apply {

namespace {

using json::Value;
using Cursor = FieldSet::Cursor;

void RemoveBelow(const TypeView& type, Cursor fields, Value* value);

void RemoveMembers(const TypeView& type, Cursor fields, Value* value) {
  for (; !fields.done(); fields.Next()) {
    const std::string_view element = fields.element();
    if (element[0] != 'f') continue;
    const std::string_view name = element.substr(2);
    if (fields.member()) {
      value->object().Erase(name);
    } else if (Value* child = value->Find(name); child != nullptr) {
      RemoveBelow(type.Member(name).type, fields.children(), child);
    }
  }
}

void RemoveItems(const TypeView& type, Cursor fields, Value* value) {
  json::Array kept;
  kept.reserve(value->array().size());
  const TypeView item_type = type.Item();
  for (Value& item : value->array()) {
    const auto element = type.ItemElement(item);
    Cursor at = fields;
    if (element.ok() && at.Seek(*element)) {
      if (at.member()) continue;
      RemoveBelow(item_type, at.children(), &item);
    }
    kept.push_back(std::move(item));
  }
  value->array() = std::move(kept);
}

void RemoveBelow(const TypeView& type, Cursor fields, Value* value) {
  if (value->is_object() && type.ShapeOf(*value) == Shape::kMap) {
    if (type.AtomicMap()) {
      value->object() = json::Object();
    } else {
      RemoveMembers(type, fields, value);
    }
  } else if (value->is_array() && type.ShapeOf(*value) == Shape::kList) {
    if (type.AtomicList()) {
      value->array().clear();
    } else {
      RemoveItems(type, fields, value);
    }
  }
}

void NameBelow(const TypeView& type, Cursor fields, FieldSetBuilder* out) {
  for (; !fields.done(); fields.Next()) {
    const std::string_view element = fields.element();
    TypeView child;
    bool declared = false;
    if (element[0] == 'f') {
      const TypeView::MemberType member = type.Member(element.substr(2));
      child = member.type;
      declared = member.declared;
    } else if (element[0] == 'k') {
      child = type.Item();
    }
    out->Open(element);
    if (fields.member() || (declared && fields.has_children())) out->Insert();
    NameBelow(child, fields.children(), out);
    out->Close();
  }
}

}  // namespace

void Remove(const TypeView& type, const FieldSet& fields, Value* value) {
  if (!fields.empty()) RemoveBelow(type, fields.top(), value);
}

FieldSet WithNamedFields(const TypeView& type, const FieldSet& fields) {
  FieldSetBuilder out;
  NameBelow(type, fields.top(), &out);
  return out.Finish();
}

}  // namespace atoll::apply
