// UTF-8 as Go's `range` over a string reads it: one code point a step, or one invalid byte.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace atoll::json {

inline constexpr char32_t kReplacement = 0xFFFD;

struct Rune {
  char32_t code_point;  // kReplacement when invalid
  int bytes;            // 1 when invalid; 0 at the end
  bool valid;
};

// The code point that starts at `s[at]`. Overlong forms, surrogates and what lies beyond U+10FFFF are invalid.
Rune DecodeRune(std::string_view s, size_t at);
// REQUIRES: a valid code point; surrogates become U+FFFD.
void AppendRune(std::string* out, char32_t code_point);

}  // namespace atoll::json
