// Issues: what is wrong with an expression, where, in the form of cel-go's texts:
//
//   ERROR: <input>:1:5: undeclared reference to 'x' (in container '')
//    | 1 + x
//    | ....^
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace atoll::cel {

struct Issue {
  int line = 1;    // from 1
  int column = 0;  // in code points, from 0
  std::string message;
};

// The lines of an expression, for positions. Offsets are in bytes.
class Source {
 public:
  explicit Source(std::string_view text);
  std::string_view text() const { return text_; }
  Issue At(uint32_t offset, std::string message) const;
  // All of them, each followed by its line and a mark; sorted by position.
  std::string Format(const std::vector<Issue>& issues) const;

 private:
  std::string_view Line(int line) const;

  std::string_view text_;
  std::vector<uint32_t> lines_;  // where each begins
};

}  // namespace atoll::cel
