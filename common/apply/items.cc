#include "common/apply/items.h"

#include <algorithm>

#include "common/apply/path_element.h"

namespace atoll::apply {

std::vector<Item> ItemsOf(const TypeView& list, const json::Value* value) {
  std::vector<Item> items;
  if (value == nullptr || !value->is_array()) return items;
  items.reserve(value->array().size());
  for (const json::Value& item : value->array()) {
    auto element = list.ItemElement(item);
    if (element.ok()) items.push_back({*std::move(element), &item});
  }
  return items;
}

void SortItems(std::vector<Item>* items) {
  const auto before = [](const Item& a, const Item& b) { return CompareElements(a.element, b.element) < 0; };
  if (!std::is_sorted(items->begin(), items->end(), before)) std::stable_sort(items->begin(), items->end(), before);
}

}  // namespace atoll::apply
