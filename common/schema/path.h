// Path: where a value stands in an object, for walks that rarely need to say it. A link lives on the stack of the walk;
// a text (`spec.a[0].b`) is made of the links only for an error.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/base/strings.h"

namespace atoll::schema {

struct Path {
  const Path* up = nullptr;  // null: the root
  std::string_view name;     // of a member; without data: an item of a list
  size_t index = 0;

  void AppendTo(std::string* out) const {
    if (up == nullptr) return;
    up->AppendTo(out);
    if (name.data() == nullptr) {
      StrAppend(out, "[", index, "]");
    } else {
      StrAppend(out, out->empty() ? "" : ".", name);
    }
  }
  std::string Text() const {
    std::string out;
    AppendTo(&out);
    return out;
  }
  bool root() const { return up == nullptr; }
};

}  // namespace atoll::schema
