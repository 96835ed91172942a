// The items of an associative list with their path elements. For this folder's walks.
#pragma once

#include <string>
#include <vector>

#include "common/apply/type_view.h"
#include "common/json/value.h"

namespace atoll::apply {

struct Item {
  std::string element;
  const json::Value* value;
};

// In the list's order. What is no list has none; items without an element (nulls, missing keys) are left out: callers
// have validated.
std::vector<Item> ItemsOf(const TypeView& list, const json::Value* value);
// By element; equal ones stay in the list's order.
void SortItems(std::vector<Item>* items);

}  // namespace atoll::apply
