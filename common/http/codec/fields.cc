#include "common/http/codec/fields.h"

#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "common/base/strings.h"

namespace atoll::http {
namespace {

constexpr std::array<bool, 256> kTokenCharacters = [] {
  std::array<bool, 256> table{};
  for (int c = '0'; c <= '9'; ++c) table[c] = true;
  for (int c = 'a'; c <= 'z'; ++c) table[c] = table[c - 'a' + 'A'] = true;
  for (unsigned char c : std::string_view("!#$%&'*+-.^_`|~")) table[c] = true;
  return table;
}();

}  // namespace

bool IsToken(std::string_view s) {
  for (unsigned char c : s) {
    if (!kTokenCharacters[c]) return false;
  }
  return !s.empty();
}

bool IsFieldValue(std::string_view s) {
  for (unsigned char c : s) {
    if ((c < 0x20 && c != '\t') || c == 0x7f) return false;
  }
  return true;
}

bool IsConnectionField(std::string_view name) {
  switch (name.size()) {
    case 7:
      return name == "upgrade";
    case 10:
      return name == "connection" || name == "keep-alive";
    case 14:
      return name == "http2-settings";
    case 16:
      return name == "proxy-connection";
    case 17:
      return name == "transfer-encoding";
    default:
      return false;
  }
}

bool HasListToken(const std::vector<std::string_view>& lists, std::string_view token) {
  for (std::string_view list : lists) {
    for (absl::string_view part : absl::StrSplit(ToAbsl(list), ',')) {
      if (absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(part), ToAbsl(token))) return true;
    }
  }
  return false;
}

bool IsSensitiveField(std::string_view name) {
  return name == "authorization" || name == "proxy-authorization" || name == "cookie" || name == "set-cookie";
}

absl::Status CheckFields(const Headers& headers) {
  for (const auto& [name, value] : headers.fields()) {
    if (!IsToken(name) || !IsFieldValue(value)) {
      return absl::InvalidArgumentError(StrCat("header field \"", absl::CEscape(name), "\" cannot be sent"));
    }
  }
  return absl::OkStatus();
}

bool StatusHasNoBody(int status) { return status < 200 || status == 204 || status == 304; }

}  // namespace atoll::http
