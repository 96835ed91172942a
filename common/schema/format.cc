#include "common/schema/format.h"

#include <arpa/inet.h>

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/time/time.h"
#include "common/api/object.h"
#include "common/base/strings.h"

namespace atoll::schema {
namespace {

bool IsIp(int family, std::string_view text) {
  unsigned char buffer[sizeof(in6_addr)];
  return inet_pton(family, std::string(text).c_str(), buffer) == 1;
}

bool IsCidr(std::string_view text) {
  size_t slash = text.find('/');
  if (slash == std::string_view::npos) return false;
  int bits = 0;
  if (!absl::SimpleAtoi(ToAbsl(text.substr(slash + 1)), &bits) || bits < 0) return false;
  std::string_view address = text.substr(0, slash);
  return (IsIp(AF_INET, address) && bits <= 32) || (IsIp(AF_INET6, address) && bits <= 128);
}

// With or without a scheme, as Go's url.ParseRequestURI: absolute, or a path.
bool IsUri(std::string_view text) {
  if (text.empty() || std::any_of(text.begin(), text.end(), [](unsigned char c) { return c <= ' ' || c == 0x7f; }))
    return false;
  if (text.front() == '/') return true;
  size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || !absl::ascii_isalpha(text.front())) return false;
  return std::all_of(text.begin(), text.begin() + static_cast<long>(colon),
                     [](unsigned char c) { return absl::ascii_isalnum(c) || c == '+' || c == '-' || c == '.'; });
}

bool IsUuid(std::string_view text) {
  std::string hex;
  for (char c : text) {
    if (c != '-') hex.push_back(c);
  }
  return hex.size() == 32 &&
         std::all_of(hex.begin(), hex.end(), [](unsigned char c) { return absl::ascii_isxdigit(c); });
}

bool IsEmail(std::string_view text) {
  size_t at = text.rfind('@');
  return at != std::string_view::npos && at > 0 && at + 1 < text.size() && text.find(' ') == std::string_view::npos;
}

bool IsHostname(std::string_view text) {
  if (text.empty() || text.size() > 255) return false;
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return absl::ascii_isalnum(c) || c == '-' || c == '.'; });
}

}  // namespace

bool MatchesFormat(std::string_view format, std::string_view text) {
  if (format == "date-time" || format == "datetime") return api::ParseTime(text).has_value();
  if (format == "date") return text.size() == 10 && api::ParseTime(StrCat(text, "T00:00:00Z")).has_value();
  if (format == "uri") return IsUri(text);
  if (format == "byte") {
    std::string decoded;
    return absl::Base64Unescape(ToAbsl(text), &decoded);
  }
  if (format == "ipv4") return IsIp(AF_INET, text);
  if (format == "ipv6") return IsIp(AF_INET6, text);
  if (format == "cidr") return IsCidr(text);
  if (format == "uuid") return IsUuid(text);
  if (format == "email") return IsEmail(text);
  if (format == "hostname") return IsHostname(text);
  if (format == "duration") {
    absl::Duration d;
    return absl::ParseDuration(ToAbsl(text), &d);
  }
  return true;
}

}  // namespace atoll::schema
