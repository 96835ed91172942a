#include "common/log/format.h"

namespace atoll::log {
namespace {

std::string_view Name(Level level) {
  switch (level) {
    case Level::kDebug:
      return "debug";
    case Level::kInfo:
      return "info";
    case Level::kWarning:
      return "warning";
    case Level::kError:
      return "error";
  }
  return "error";
}

std::string Time(absl::Time t) { return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", t, absl::UTCTimeZone()); }

void AppendQuoted(std::string& out, std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  out.push_back('"');
  for (char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
          out += "\\u00";
          out.push_back(kHex[static_cast<unsigned char>(c) >> 4]);
          out.push_back(kHex[c & 15]);
        } else {
          out.push_back(c);
        }
    }
  }
  out.push_back('"');
}

bool NeedsQuotes(std::string_view text) {
  if (text.empty()) return true;
  for (char c : text) {
    if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c == 0x7f)
      return true;  // char is signed: UTF-8 bytes quote, too
  }
  return false;
}

void AppendPair(std::string& out, std::string_view key, std::string_view value) {
  if (!out.empty()) out.push_back(' ');
  out += key;
  out.push_back('=');
  if (NeedsQuotes(value)) {
    AppendQuoted(out, value);
  } else {
    out += value;
  }
}

void AppendMember(std::string& out, std::string_view key, std::string_view value, bool quote = true) {
  out.push_back(out.empty() ? '{' : ',');
  AppendQuoted(out, key);
  out.push_back(':');
  if (quote) {
    AppendQuoted(out, value);
  } else {
    out += value;
  }
}

// std::to_string prints "nan" and "inf", which JSON does not have.
bool IsJsonLiteral(std::string_view text) {
  return text == "true" || text == "false" ||
         (!text.empty() && text.find_first_not_of("-0123456789.") == std::string_view::npos);
}

}  // namespace

std::string FormatLogfmt(const Line& line, Pairs pairs) {
  std::string out;
  out.reserve(160);
  AppendPair(out, "time", Time(line.time));
  AppendPair(out, "level", Name(line.level));
  if (!line.process.empty()) AppendPair(out, "process", line.process);
  AppendPair(out, "component", line.component);
  AppendPair(out, "msg", line.message);
  for (const auto& [key, field] : pairs) AppendPair(out, key, field.text());
  return out;
}

std::string FormatJson(const Line& line, Pairs pairs) {
  std::string out;
  out.reserve(192);
  AppendMember(out, "time", Time(line.time));
  AppendMember(out, "level", Name(line.level));
  if (!line.process.empty()) AppendMember(out, "process", line.process);
  AppendMember(out, "component", line.component);
  AppendMember(out, "msg", line.message);
  for (const auto& [key, field] : pairs)
    AppendMember(out, key, field.text(), field.quote() || !IsJsonLiteral(field.text()));
  out.push_back('}');
  return out;
}

}  // namespace atoll::log
