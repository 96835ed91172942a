#include "shard/virtual/lifecycle/permissions.h"

#include <algorithm>

#include "common/base/strings.h"
#include "shard/authorization/rules.h"

namespace atoll::virtual_workspaces {

std::string WhyDenied(const std::vector<authorization::PolicyRule>& rules, const authorization::Attributes& request) {
  const bool allowed = std::any_of(rules.begin(), rules.end(), [&](const authorization::PolicyRule& rule) {
    return authorization::RuleAllows(rule, request);
  });
  if (allowed) return "";
  std::string out = Cat("no rule allows ", request.verb, " on ");
  if (!request.resource_request) return out + request.path;
  StrAppend(&out, request.group.empty() ? "core" : request.group, "/", request.resource);
  if (!request.subresource.empty()) StrAppend(&out, "/", request.subresource);
  if (!request.name.empty()) StrAppend(&out, " (", request.name, ")");
  if (!request.ns.empty()) StrAppend(&out, " in namespace ", request.ns);
  return out;
}

}  // namespace atoll::virtual_workspaces
