// Value to JSON text, byte for byte as Go's encoding/json writes it (`<`, `>`, `&`, U+2028, U+2029 escaped, floats in
// Go's form).
#pragma once

#include <string>
#include <string_view>

#include "common/json/value.h"

namespace atoll::json {

// Compact, no trailing newline.
std::string Write(const Value& v);
void AppendTo(std::string* out, const Value& v);
// Two-space indentation, as `pretty=true` answers.
std::string WriteIndented(const Value& v);
// A JSON string literal with quotes.
void AppendQuoted(std::string* out, std::string_view s);

}  // namespace atoll::json
