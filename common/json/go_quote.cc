#include "common/json/go_quote.h"

#include "absl/strings/str_format.h"
#include "common/json/utf8.h"

namespace atoll::json {
namespace {

// Unicode's letters, marks, numbers, punctuation, symbols and the ASCII space are printable to Go. Beyond ASCII this
// names the blocks of spaces, controls, private use and noncharacters; single unassigned code points count as
// printable.
bool IsPrintable(char32_t c) {
  if (c < 0x20 || c == 0x7F) return false;
  if (c < 0x7F) return true;
  struct Range {
    char32_t first, last;
  };
  static constexpr Range kUnprintable[] = {
      {0x80, 0xA0},     {0xAD, 0xAD},     {0x600, 0x605},     {0x61C, 0x61C},      {0x6DD, 0x6DD},
      {0x70F, 0x70F},   {0x1680, 0x1680}, {0x180E, 0x180E},   {0x2000, 0x200F},    {0x2028, 0x202F},
      {0x205F, 0x206F}, {0x3000, 0x3000}, {0xD800, 0xF8FF},   {0xFDD0, 0xFDEF},    {0xFEFF, 0xFEFF},
      {0xFFF0, 0xFFFB}, {0xFFFE, 0xFFFF}, {0x323B0, 0xE00FF}, {0xE01F0, 0x10FFFF},
  };
  for (const Range& r : kUnprintable) {
    if (c >= r.first && c <= r.last) return false;
  }
  return true;
}

void AppendGoEscaped(std::string* out, Rune r, unsigned char raw, char quote) {
  if (!r.valid) {
    absl::StrAppendFormat(out, "\\x%02x", raw);
    return;
  }
  const char32_t c = r.code_point;
  if (c == static_cast<char32_t>(quote) || c == '\\') {
    out->push_back('\\');
    out->push_back(static_cast<char>(c));
    return;
  }
  if (IsPrintable(c)) return AppendRune(out, c);
  switch (c) {
    case '\a':
      out->append("\\a");
      return;
    case '\b':
      out->append("\\b");
      return;
    case '\f':
      out->append("\\f");
      return;
    case '\n':
      out->append("\\n");
      return;
    case '\r':
      out->append("\\r");
      return;
    case '\t':
      out->append("\\t");
      return;
    case '\v':
      out->append("\\v");
      return;
    default:
      break;
  }
  if (c < 0x20 || c == 0x7F) {
    absl::StrAppendFormat(out, "\\x%02x", static_cast<unsigned>(c));
  } else if (c < 0x10000) {
    absl::StrAppendFormat(out, "\\u%04x", static_cast<unsigned>(c));
  } else {
    absl::StrAppendFormat(out, "\\U%08x", static_cast<unsigned>(c));
  }
}

}  // namespace

std::string GoQuote(std::string_view s) {
  std::string out;
  out.reserve(s.size() + 2);
  out.push_back('"');
  for (size_t i = 0; i < s.size();) {
    const Rune r = DecodeRune(s, i);
    AppendGoEscaped(&out, r, static_cast<unsigned char>(s[i]), '"');
    i += static_cast<size_t>(r.bytes);
  }
  out.push_back('"');
  return out;
}

std::string GoQuoteCharacter(unsigned char c) {
  std::string out = "'";
  AppendGoEscaped(&out, {c, 1, true}, c, '\'');
  out.push_back('\'');
  return out;
}

}  // namespace atoll::json
