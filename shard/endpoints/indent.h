// Indents compact JSON text as `pretty=true` answers it, without parsing it into a tree: a list streams through in
// constant memory. REQUIRES: the input is JSON as json::Write writes it. Pure.
#pragma once

#include <string>
#include <string_view>

namespace atoll::endpoints {

class JsonIndenter {
 public:
  // Appends the indented form of the next piece; pieces may end anywhere.
  void Append(std::string_view compact, std::string* out);

 private:
  void NewLine(std::string* out) const;

  int depth_ = 0;
  bool in_string_ = false, escaped_ = false;
  bool opened_ = false;  // the last token opened an object or array; a newline is owed unless it closes at once
};

std::string IndentJson(std::string_view compact);

}  // namespace atoll::endpoints
