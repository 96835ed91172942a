// Path elements as metadata.managedFields writes them, and their order.
//
// An element is a text: `f:name` (a member of an object), `k:{"name":"a"}` (an item of a list, by its keys, which are
// sorted), `v:"x"` (an item of a set, by its value), `i:0` (an item by its index). The texts inside are canonical JSON,
// so equal elements are equal texts. Order: members, keys, values, indexes; numbers by value and before strings, as
// structured-merge-diff publishes it. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/json/value.h"

namespace atoll::apply {

// Three-way. REQUIRES: both are canonical.
int CompareElements(std::string_view a, std::string_view b);

// The canonical text of what a client sent. Errors: InvalidArgument for what is no path element.
absl::StatusOr<std::string> CanonicalElement(std::string_view element);

// `.name`, `[name="a",port=80]`, `[="x"]`, `[0]`: as errors name it.
std::string PrintElement(std::string_view element);

// `k:` of these members, sorted here by name.
std::string KeyElement(json::Object keys);
// `v:` of a scalar.
std::string ValueElement(const json::Value& value);

}  // namespace atoll::apply
