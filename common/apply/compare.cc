#include "common/apply/items.h"
#include "common/apply/path_element.h"
#include "common/apply/typed.h"

namespace atoll::apply {

namespace {

using json::Value;

bool EmptyMap(const Value* v) { return v == nullptr || !v->is_object() || v->object().empty(); }
bool EmptyList(const Value* v) { return v == nullptr || !v->is_array() || v->array().empty(); }

// Null pointers are absent values; never both.
class Comparer {
 public:
  void Visit(const TypeView& type, const Value* before, const Value* after) {
    bool leaf = false;
    const Shape now = type.ShapeOf(after != nullptr ? *after : *before);
    if (before != nullptr && after != nullptr) {
      // Of a value that changed its kind, both are looked at.
      if (const Shape then = type.ShapeOf(*before); then != now) VisitAs(then, type, before, after);
    }
    leaf = VisitAs(now, type, before, after);
    if (leaf) return;
    if (before == nullptr) added_.Insert();
    if (after == nullptr) removed_.Insert();
  }

  Comparison Finish() { return {added_.Finish(), modified_.Finish(), removed_.Finish()}; }

 private:
  // True when the values were compared as a whole.
  bool VisitAs(Shape shape, const TypeView& type, const Value* before, const Value* after) {
    switch (shape) {
      case Shape::kScalar:
        break;
      case Shape::kMap:
        if (type.AtomicMap() || (EmptyMap(before) && EmptyMap(after))) break;
        VisitMembers(type, before, after);
        return false;
      case Shape::kList:
        if (type.AtomicList() || (EmptyList(before) && EmptyList(after))) break;
        VisitItems(type, before, after);
        return false;
    }
    if (before == nullptr) {
      added_.Insert();
    } else if (after == nullptr) {
      removed_.Insert();
    } else if (!(*before == *after)) {
      modified_.Insert();
    }
    return true;
  }

  void VisitMembers(const TypeView& type, const Value* before, const Value* after) {
    const SortedMembers then(before), now(after);
    for (size_t i = 0, j = 0; i < then.size() || j < now.size();) {
      const int order = i == then.size() ? 1 : j == now.size() ? -1 : then[i].first.compare(now[j].first);
      const std::string& name = order <= 0 ? then[i].first : now[j].first;
      Open('f', name);
      Visit(type.Member(name).type, order <= 0 ? &then[i].second : nullptr, order >= 0 ? &now[j].second : nullptr);
      Close();
      if (order <= 0) ++i;
      if (order >= 0) ++j;
    }
  }

  void VisitItems(const TypeView& type, const Value* before, const Value* after) {
    std::vector<Item> then = ItemsOf(type, before), now = ItemsOf(type, after);
    SortItems(&then);
    SortItems(&now);
    const TypeView item = type.Item();
    for (size_t i = 0, j = 0; i < then.size() || j < now.size();) {
      const int order = i == then.size() ? 1 : j == now.size() ? -1 : CompareElements(then[i].element, now[j].element);
      const std::string& element = order <= 0 ? then[i].element : now[j].element;
      size_t i_end = i, j_end = j;
      while (i_end < then.size() && then[i_end].element == element) ++i_end;
      while (j_end < now.size() && now[j_end].element == element) ++j_end;
      Open(element[0], std::string_view(element).substr(2));
      VisitItem(item, {then.data() + i, then.data() + i_end}, {now.data() + j, now.data() + j_end});
      Close();
      i = i_end;
      j = j_end;
    }
  }

  struct Range {
    const Item* begin;
    const Item* end;
    size_t size() const { return static_cast<size_t>(end - begin); }
  };

  // An item that is there more than once is one value.
  void VisitItem(const TypeView& type, Range before, Range after) {
    if (before.size() <= 1 && after.size() <= 1) {
      Visit(type, before.size() == 1 ? before.begin->value : nullptr, after.size() == 1 ? after.begin->value : nullptr);
    } else if (before.size() >= 2 && after.size() >= 2) {
      bool equal = before.size() == after.size();
      for (size_t i = 0; equal && i < before.size(); ++i) equal = *before.begin[i].value == *after.begin[i].value;
      if (!equal) modified_.Insert();
    } else if (before.size() >= 2) {
      if (after.size() == 1) Visit(type, nullptr, after.begin->value);
      removed_.Insert();
    } else {
      if (before.size() == 1) Visit(type, before.begin->value, nullptr);
      added_.Insert();
    }
  }

  void Open(char kind, std::string_view body) {
    added_.Open(kind, body);
    modified_.Open(kind, body);
    removed_.Open(kind, body);
  }
  void Close() {
    added_.Close();
    modified_.Close();
    removed_.Close();
  }

  FieldSetBuilder added_, modified_, removed_;
};

}  // namespace

Comparison Compare(const TypeView& type, const Value& before, const Value& after) {
  Comparer comparer;
  comparer.Visit(type, &before, &after);
  return comparer.Finish();
}

}  // namespace atoll::apply
