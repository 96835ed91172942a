// Hot path: every object that is created or changed is written once here. No allocation beside the output's growth.
#include "common/json/write.h"

#include <array>
#include <charconv>
#include <cmath>

#include "common/json/utf8.h"

namespace atoll::json {
namespace {

enum class Escape : uint8_t { kNone, kAscii, kMultibyte };

constexpr std::array<Escape, 256> kEscape = [] {
  std::array<Escape, 256> t{};
  for (int c = 0; c < 256; ++c) {
    const bool ascii = c < 0x20 || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&';
    t[static_cast<size_t>(c)] = c >= 0x80 ? Escape::kMultibyte : ascii ? Escape::kAscii : Escape::kNone;
  }
  return t;
}();

void AppendUnicodeEscape(std::string* out, unsigned c) {
  static constexpr char kHex[] = "0123456789abcdef";
  const char text[] = {'\\', 'u', kHex[c >> 12 & 15], kHex[c >> 8 & 15], kHex[c >> 4 & 15], kHex[c & 15]};
  out->append(text, sizeof(text));
}

void AppendAsciiEscape(std::string* out, char c) {
  switch (c) {
    case '"':
      out->append("\\\"");
      return;
    case '\\':
      out->append("\\\\");
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
    default:
      AppendUnicodeEscape(out, static_cast<unsigned char>(c));
  }
}

void AppendInt(std::string* out, int64_t i) {
  char buf[24];
  const auto end = std::to_chars(buf, buf + sizeof(buf), i);
  out->append(buf, end.ptr);
}

// Go: the shortest digits that read back the same; plain below 1e21 and from 1e-6 on, else with an exponent that has no
// padding.
void AppendDouble(std::string* out, double d) {
  if (!std::isfinite(d)) {  // JSON has no such number; no parse yields one
    out->append("null");
    return;
  }
  char buf[32];
  const auto end = std::to_chars(buf, buf + sizeof(buf), d, std::chars_format::scientific);
  std::string_view text(buf, static_cast<size_t>(end.ptr - buf));
  if (text.front() == '-') {
    out->push_back('-');
    text.remove_prefix(1);
  }
  const size_t e = text.find('e');
  int exponent = 0;
  const char* exponent_begin = text.data() + e + (text[e + 1] == '+' ? 2 : 1);
  std::from_chars(exponent_begin, text.data() + text.size(), exponent);
  std::string_view mantissa = text.substr(0, e);
  const double magnitude = std::fabs(d);
  if (magnitude != 0 && (magnitude < 1e-6 || magnitude >= 1e21)) {
    out->append(mantissa);
    out->push_back('e');
    out->push_back(exponent < 0 ? '-' : '+');
    AppendInt(out, std::abs(exponent));
    return;
  }
  char digits[24];
  int n = 0;
  for (char c : mantissa) {
    if (c != '.') digits[n++] = c;
  }
  if (exponent < 0) {
    out->append("0.");
    out->append(static_cast<size_t>(-exponent - 1), '0');
    out->append(digits, static_cast<size_t>(n));
  } else if (n <= exponent + 1) {
    out->append(digits, static_cast<size_t>(n));
    out->append(static_cast<size_t>(exponent + 1 - n), '0');
  } else {
    out->append(digits, static_cast<size_t>(exponent + 1));
    out->push_back('.');
    out->append(digits + exponent + 1, static_cast<size_t>(n - exponent - 1));
  }
}

void AppendScalar(std::string* out, const Value& v) {
  switch (v.kind()) {
    case Value::Kind::kNull:
      out->append("null");
      return;
    case Value::Kind::kBool:
      out->append(v.bool_value() ? "true" : "false");
      return;
    case Value::Kind::kInt:
      AppendInt(out, v.int_value());
      return;
    case Value::Kind::kDouble:
      AppendDouble(out, v.number_value());
      return;
    case Value::Kind::kString:
      AppendQuoted(out, v.string());
      return;
    case Value::Kind::kArray:
    case Value::Kind::kObject:
      return;
  }
}

void AppendLine(std::string* out, int depth) {
  out->push_back('\n');
  out->append(static_cast<size_t>(depth) * 2, ' ');
}

void AppendIndented(std::string* out, const Value& v, int depth) {
  if (v.is_array() && !v.array().empty()) {
    char separator = '[';
    for (const Value& item : v.array()) {
      out->push_back(separator);
      separator = ',';
      AppendLine(out, depth + 1);
      AppendIndented(out, item, depth + 1);
    }
    AppendLine(out, depth);
    out->push_back(']');
  } else if (v.is_object() && !v.object().empty()) {
    char separator = '{';
    for (const auto& [key, member] : v.object()) {
      out->push_back(separator);
      separator = ',';
      AppendLine(out, depth + 1);
      AppendQuoted(out, key);
      out->append(": ");
      AppendIndented(out, member, depth + 1);
    }
    AppendLine(out, depth);
    out->push_back('}');
  } else {
    AppendTo(out, v);
  }
}

}  // namespace

void AppendQuoted(std::string* out, std::string_view s) {
  out->push_back('"');
  size_t start = 0;  // first byte not yet copied
  for (size_t i = 0; i < s.size();) {
    const Escape escape = kEscape[static_cast<unsigned char>(s[i])];
    if (escape == Escape::kNone) {
      ++i;
      continue;
    }
    if (escape == Escape::kAscii) {
      out->append(s, start, i - start);
      AppendAsciiEscape(out, s[i]);
      start = ++i;
      continue;
    }
    const Rune r = DecodeRune(s, i);
    if (!r.valid || r.code_point == 0x2028 || r.code_point == 0x2029) {
      out->append(s, start, i - start);
      AppendUnicodeEscape(out, r.code_point);
      start = i + static_cast<size_t>(r.bytes);
    }
    i += static_cast<size_t>(r.bytes);
  }
  out->append(s, start, s.size() - start);
  out->push_back('"');
}

void AppendTo(std::string* out, const Value& v) {
  if (v.is_array()) {
    out->push_back('[');
    bool first = true;
    for (const Value& item : v.array()) {
      if (!first) out->push_back(',');
      first = false;
      AppendTo(out, item);
    }
    out->push_back(']');
  } else if (v.is_object()) {
    out->push_back('{');
    bool first = true;
    for (const auto& [key, member] : v.object()) {
      if (!first) out->push_back(',');
      first = false;
      AppendQuoted(out, key);
      out->push_back(':');
      AppendTo(out, member);
    }
    out->push_back('}');
  } else {
    AppendScalar(out, v);
  }
}

std::string Write(const Value& v) {
  std::string out;
  if (v.kind() >= Value::Kind::kString) out.reserve(512);
  AppendTo(&out, v);
  return out;
}

std::string WriteIndented(const Value& v) {
  std::string out;
  AppendIndented(&out, v, 0);
  return out;
}

}  // namespace atoll::json
