#include "common/apply/items.h"
#include "common/apply/typed.h"

namespace atoll::apply {

namespace {

using json::Value;

void Visit(const TypeView& type, const Value& value, FieldSetBuilder* out);

void VisitMembers(const TypeView& type, const Value& value, FieldSetBuilder* out) {
  const SortedMembers members(&value);
  for (size_t i = 0; i < members.size(); ++i) {
    const auto& [name, child] = members[i];
    const TypeView::MemberType member = type.Member(name);
    out->Open('f', name);
    // An entry of a map is owned itself; a field of a type only where nothing below says that it is set.
    if (!member.declared || child.is_null() || (child.is_object() && child.object().empty())) out->Insert();
    Visit(member.type, child, out);
    out->Close();
  }
}

void VisitItems(const TypeView& type, const Value& value, FieldSetBuilder* out) {
  std::vector<Item> items = ItemsOf(type, &value);
  SortItems(&items);
  const TypeView item_type = type.Item();
  for (size_t i = 0; i < items.size();) {
    size_t next = i + 1;
    while (next < items.size() && items[next].element == items[i].element) ++next;
    out->Open(items[i].element);
    out->Insert();
    if (next == i + 1) Visit(item_type, *items[i].value, out);
    out->Close();
    i = next;
  }
}

void Visit(const TypeView& type, const Value& value, FieldSetBuilder* out) {
  switch (type.ShapeOf(value)) {
    case Shape::kScalar:
      out->Insert();
      return;
    case Shape::kMap:
      if (type.AtomicMap()) {
        out->Insert();
      } else if (value.is_object()) {
        VisitMembers(type, value, out);
      }
      return;
    case Shape::kList:
      if (type.AtomicList()) {
        out->Insert();
      } else {
        VisitItems(type, value, out);
      }
      return;
  }
}

}  // namespace

FieldSet Collect(const TypeView& type, const Value& value) {
  FieldSetBuilder out;
  Visit(type, value, &out);
  return out.Finish();
}

}  // namespace atoll::apply
