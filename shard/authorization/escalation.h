// Escalation: nobody may grant what they do not hold (spec/api-machinery.md 9.7). For the admission plugin, and for
// whoever else writes roles or bindings on a user's behalf.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "shard/authorization/authorizer.h"
#include "shard/authorization/chain.h"

namespace atoll::authorization {

// "" when `held` covers `wanted`, else the exact text: `user "x" (groups=["a" "b"]) is attempting to grant ...`.
std::string EscalationText(const auth::User& user, const std::vector<PolicyRule>& held,
                           const std::vector<PolicyRule>& wanted);

struct EscalationCheck {
  Authorizer* authorizer;
  RoleSource* roles;
};

// May `user` write this Role or ClusterRole? `object` is the new state; `old` is null on create. `request_name` is the
// URL's name
// ("" on create). Errors: Forbidden.
Task<absl::Status> CheckRoleWrite(EscalationCheck check, const auth::User& user, const registry::ClusterScope& cluster,
                                  const api::GroupResource& resource, std::string ns, std::string request_name,
                                  const json::Value& object, const json::Value* old);

// May `user` write this RoleBinding or ClusterRoleBinding? Errors: Forbidden; NotFound when the role is missing and the
// user may not bind it anyway.
Task<absl::Status> CheckBindingWrite(EscalationCheck check, const auth::User& user,
                                     const registry::ClusterScope& cluster, const api::GroupResource& resource,
                                     std::string ns, const json::Value& object);

}  // namespace atoll::authorization
