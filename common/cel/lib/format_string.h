// Format strings of `.format([...])`: taken apart once for running and once for checking literals.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace atoll::cel::lib {

struct FormatClause {
  char verb = 0;         // one of s d f e b x X o
  int precision = -1;    // -1: not given
  int64_t argument = 0;  // which
};

// Calls `text` with what stands between clauses and `clause` with each; the latter returns what is wrong, or "".
// What is wrong with the string itself is returned, in cel-go's words. `arguments`: how many there are.
std::string ForEachClause(std::string_view format, int64_t arguments, const std::function<void(std::string_view)>& text,
                          const std::function<std::string(const FormatClause&)>& clause);

// The message when a value of that type is not for that verb.
std::string WrongFormatType(char verb, std::string_view type);

}  // namespace atoll::cel::lib
