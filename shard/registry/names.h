// Rules of names for strategies: common/api/validation.h with generateName's prefixes (spec/api-machinery.md 2.1).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/api/validation.h"

namespace atoll::registry {

// What is wrong with the name, empty when nothing is. With `prefix` (a generateName) a trailing dash is allowed.
inline std::vector<std::string> CheckDnsSubdomain(std::string_view name, bool prefix = false) {
  return api::CheckName(api::NameRule::kDns1123Subdomain, name, prefix);
}
inline std::vector<std::string> CheckDnsLabel(std::string_view name, bool prefix = false) {
  return api::CheckName(api::NameRule::kDns1123Label, name, prefix);
}
inline std::vector<std::string> CheckPathSegment(std::string_view name, bool prefix = false) {
  return api::CheckName(api::NameRule::kPathSegment, name, prefix);
}

}  // namespace atoll::registry
