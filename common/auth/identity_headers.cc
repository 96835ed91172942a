#include "common/auth/identity_headers.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "common/base/strings.h"

namespace atoll::auth {
namespace {

constexpr std::string_view kDefaultPrefix = "x-remote-";
// Decoding is repeated because each hop may decode once; a name that is still encoded after this many is taken for an
// identity header.
constexpr int kDecodeRoundsMax = 8;

// One spelling for all: decoded, lower case, '-' for '_' and '.', and nothing that is not a visible token character.
// False when the name does not stop being encoded.
bool Fold(std::string_view name, std::string* out) {
  std::string current(name);
  for (int round = 0; current.find('%') != std::string::npos; ++round) {
    if (round == kDecodeRoundsMax) return false;
    std::string next;
    next.reserve(current.size());
    bool changed = false;
    for (size_t i = 0; i < current.size(); ++i) {
      if (current[i] == '%' && i + 2 < current.size() && absl::ascii_isxdigit(current[i + 1]) &&
          absl::ascii_isxdigit(current[i + 2])) {
        auto digit = [](char c) { return absl::ascii_isdigit(c) ? c - '0' : absl::ascii_tolower(c) - 'a' + 10; };
        next.push_back(static_cast<char>(digit(current[i + 1]) * 16 + digit(current[i + 2])));
        i += 2;
        changed = true;
      } else {
        next.push_back(current[i]);
      }
    }
    current = std::move(next);
    if (!changed) break;
  }
  out->clear();
  for (char c : current) {
    const auto u = static_cast<unsigned char>(c);
    if (u <= ' ' || u == 0x7f) continue;
    out->push_back(c == '_' || c == '.' ? '-' : absl::ascii_tolower(c));
  }
  return true;
}

std::string FoldName(std::string_view name) {
  std::string out;
  Fold(name, &out);
  return out;
}

bool EqualsAny(std::string_view folded, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (folded == FoldName(name)) return true;
  }
  return false;
}

// Header names cannot hold '/' and friends; Go's url.PathEscape keeps these beside letters and digits.
constexpr std::string_view kExtraKeyKeep = "-._~$&+:=@";

bool Matches(std::string_view group, std::string_view pattern) {
  if (pattern.ends_with('*')) return group.starts_with(pattern.substr(0, pattern.size() - 1));
  return group == pattern;
}

bool MatchesAny(std::string_view group, const std::vector<std::string>& patterns) {
  for (const std::string& pattern : patterns) {
    if (Matches(group, pattern)) return true;
  }
  return false;
}

// A line break in a value would let a user name forge further header lines over HTTP/1.1.
bool IsHeaderSafe(std::string_view value) {
  for (char c : value) {
    if (c == '\r' || c == '\n' || c == '\0') return false;
  }
  return true;
}

void AddIfSafe(http::Headers* headers, std::string_view name, std::string_view value) {
  if (IsHeaderSafe(value)) headers->Add(name, value);
}

}  // namespace

bool IsIdentityHeader(std::string_view name, const IdentityHeaderNames& names) {
  std::string folded;
  if (!Fold(name, &folded)) return true;
  if (folded.starts_with(kDefaultPrefix)) {
    const std::string_view rest = std::string_view(folded).substr(kDefaultPrefix.size());
    if (rest == "user" || rest == "group" || rest == "uid" || rest.starts_with("extra-")) return true;
  }
  if (EqualsAny(folded, names.user) || EqualsAny(folded, names.group) || EqualsAny(folded, names.uid)) return true;
  for (const std::string& prefix : names.extra_prefix) {
    const std::string folded_prefix = FoldName(prefix);
    if (!folded_prefix.empty() && folded.starts_with(folded_prefix)) return true;
  }
  return false;
}

void StripIdentityHeaders(http::Headers* headers, const IdentityHeaderNames& names) {
  std::vector<std::string> doomed;
  for (const auto& [name, value] : headers->fields()) {
    if (IsIdentityHeader(name, names)) doomed.push_back(name);
  }
  for (const std::string& name : doomed) headers->Remove(name);
}

bool GroupFilter::Passes(std::string_view group) const {
  if (MatchesAny(group, drop)) return false;
  return pass_on.empty() || MatchesAny(group, pass_on);
}

const GroupFilter& DefaultGroupFilter() {
  static const GroupFilter* filter = new GroupFilter{.pass_on = {},
                                                     .drop = {std::string(kMasters), std::string(kLogicalClusterAdmin),
                                                              "system:kcp:initializer:*", "system:kcp:terminator:*"}};
  return *filter;
}

void StampIdentityHeaders(const User& user, const GroupFilter& filter, http::Headers* headers) {
  StripIdentityHeaders(headers);
  AddIfSafe(headers, "x-remote-user", user.name);
  if (!user.uid.empty()) AddIfSafe(headers, "x-remote-uid", user.uid);
  for (const std::string& group : user.groups) {
    if (filter.Passes(group)) AddIfSafe(headers, "x-remote-group", group);
  }
  for (const auto& [key, values] : user.extra) {
    const std::string name = "x-remote-extra-" + absl::AsciiStrToLower(http::PercentEncode(key, kExtraKeyKeep));
    for (const std::string& value : values) AddIfSafe(headers, name, value);
  }
}

User ReadIdentityHeaders(const http::Headers& headers, const IdentityHeaderNames& names) {
  User user;
  for (const std::string& name : names.user) {
    user.name = std::string(headers.Get(name));
    if (!user.name.empty()) break;
  }
  if (user.name.empty()) return user;
  for (const std::string& name : names.uid) {
    user.uid = std::string(headers.Get(name));
    if (!user.uid.empty()) break;
  }
  for (const std::string& name : names.group) {
    for (std::string_view group : headers.GetAll(name)) user.groups.emplace_back(group);
  }
  for (const auto& [name, value] : headers.fields()) {
    for (const std::string& prefix : names.extra_prefix) {
      if (name.size() <= prefix.size() ||
          absl::AsciiStrToLower(name.substr(0, prefix.size())) != absl::AsciiStrToLower(prefix))
        continue;
      const std::string escaped = absl::AsciiStrToLower(name.substr(prefix.size()));
      std::string key;
      if (!http::PercentDecode(escaped, false, &key)) key = escaped;
      user.extra[absl::AsciiStrToLower(key)].push_back(value);
      break;
    }
  }
  return user;
}

}  // namespace atoll::auth
