#include "common/apply/typed.h"

namespace atoll::apply {

namespace {

using Cursor = FieldSet::Cursor;

// The type of what `element` leads to; deduced where the schema does not know it.
TypeView Below(const TypeView& type, std::string_view element) {
  return element[0] == 'f' ? type.Member(element.substr(2)).type : type.Item();
}

// A path with something below it that is one value now.
bool Collapses(const TypeView& type, Cursor at) {
  if (!at.has_children()) return false;
  return at.children().element()[0] == 'f' ? type.AtomicMap() : type.DeclaredAtomicList();
}

bool AnyCollapses(const TypeView& type, Cursor level) {
  for (; !level.done(); level.Next()) {
    const TypeView child = Below(type, level.element());
    if (Collapses(child, level) || AnyCollapses(child, level.children())) return true;
  }
  return false;
}

void Copy(const TypeView& type, Cursor level, FieldSetBuilder* out) {
  for (; !level.done(); level.Next()) {
    const TypeView child = Below(type, level.element());
    const bool collapses = Collapses(child, level);
    out->Open(level.element());
    if (level.member() || collapses) out->Insert();
    if (!collapses) Copy(child, level.children(), out);
    out->Close();
  }
}

}  // namespace

FieldSet Reconcile(const TypeView& type, FieldSet fields) {
  if (!AnyCollapses(type, fields.top())) return fields;
  FieldSetBuilder out;
  Copy(type, fields.top(), &out);
  return out.Finish();
}

}  // namespace atoll::apply
