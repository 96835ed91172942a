#include "common/json/utf8.h"

namespace atoll::json {

Rune DecodeRune(std::string_view s, size_t at) {
  if (at >= s.size()) return {kReplacement, 0, false};
  const auto byte = [&](size_t i) -> uint32_t { return i < s.size() ? static_cast<unsigned char>(s[i]) : 0; };
  const auto continues = [](uint32_t b) { return (b & 0xC0) == 0x80; };
  const Rune invalid = {kReplacement, 1, false};
  const uint32_t b0 = byte(at), b1 = byte(at + 1), b2 = byte(at + 2), b3 = byte(at + 3);
  if (b0 < 0x80) return {b0, 1, true};
  if (b0 < 0xC2) return invalid;
  if (!continues(b1)) return invalid;
  if (b0 < 0xE0) return {(b0 & 0x1F) << 6 | (b1 & 0x3F), 2, true};
  if (!continues(b2)) return invalid;
  if (b0 < 0xF0) {
    const char32_t c = (b0 & 0x0F) << 12 | (b1 & 0x3F) << 6 | (b2 & 0x3F);
    if (c < 0x800 || (c >= 0xD800 && c <= 0xDFFF)) return invalid;
    return {c, 3, true};
  }
  if (b0 > 0xF4 || !continues(b3)) return invalid;
  const char32_t c = (b0 & 0x07) << 18 | (b1 & 0x3F) << 12 | (b2 & 0x3F) << 6 | (b3 & 0x3F);
  if (c < 0x10000 || c > 0x10FFFF) return invalid;
  return {c, 4, true};
}

void AppendRune(std::string* out, char32_t c) {
  if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) c = kReplacement;
  const auto push = [out](char32_t b) { out->push_back(static_cast<char>(b)); };
  if (c < 0x80) {
    push(c);
  } else if (c < 0x800) {
    push(0xC0 | c >> 6);
    push(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    push(0xE0 | c >> 12);
    push(0x80 | (c >> 6 & 0x3F));
    push(0x80 | (c & 0x3F));
  } else {
    push(0xF0 | c >> 18);
    push(0x80 | (c >> 12 & 0x3F));
    push(0x80 | (c >> 6 & 0x3F));
    push(0x80 | (c & 0x3F));
  }
}

}  // namespace atoll::json
