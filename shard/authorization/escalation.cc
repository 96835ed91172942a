#include "shard/authorization/escalation.h"

#include <set>
#include <utility>

#include "common/api/errors.h"
#include "common/api/object.h"
#include "common/base/status.h"
#include "common/base/strings.h"

namespace atoll::authorization {
namespace {

constexpr char kGroup[] = "rbac.authorization.k8s.io";

const std::vector<PolicyRule>& FullAuthority() {
  static const auto* rules = new std::vector<PolicyRule>{{.verbs = {"*"}, .api_groups = {"*"}, .resources = {"*"}},
                                                         {.verbs = {"*"}, .non_resource_urls = {"*"}}};
  return *rules;
}

bool Aggregates(const json::Value* role) {
  if (role == nullptr) return false;
  const json::Value* selectors = role->At({"aggregationRule", "clusterRoleSelectors"});
  return selectors != nullptr && selectors->is_array() && !selectors->array().empty();
}

}  // namespace

std::string EscalationText(const auth::User& user, const std::vector<PolicyRule>& held,
                           const std::vector<PolicyRule>& wanted) {
  const std::vector<PolicyRule> missing = CompactRules(MissingRules(held, wanted));
  if (missing.empty()) return "";
  std::set<std::string> lines;
  for (const PolicyRule& rule : missing) lines.insert(RuleText(rule));
  std::string out = Cat("user ", api::GoQuote(user.name), " (groups=[");
  for (size_t i = 0; i < user.groups.size(); ++i) out += Cat(i == 0 ? "" : " ", api::GoQuote(user.groups[i]));
  out += "]) is attempting to grant RBAC permissions not currently held:";
  for (const std::string& line : lines) out += Cat("\n", line);
  return out;
}

Task<absl::Status> CheckRoleWrite(EscalationCheck check, const auth::User& user, const registry::ClusterScope& cluster,
                                  const api::GroupResource& resource, std::string ns, std::string request_name,
                                  const json::Value& object, const json::Value* old) {
  if (user.IsMasters()) co_return absl::OkStatus();
  const Attributes escalate{.user = user,
                            .cluster = cluster,
                            .verb = "escalate",
                            .group = kGroup,
                            .version = "*",
                            .resource = resource.resource,
                            .ns = ns,
                            .name = std::move(request_name)};
  if ((co_await check.authorizer->Authorize(escalate)).allowed()) co_return absl::OkStatus();
  CO_ASSIGN_OR_RETURN(const std::vector<PolicyRule> held, co_await check.authorizer->RulesFor(user, cluster.id, ns));
  const std::string_view name = api::Name(object);
  if (std::string text = EscalationText(user, held, ParseRules(object.Find("rules"))); !text.empty()) {
    co_return api::Forbidden(resource, name, text);
  }
  // An aggregated role gathers whatever will match.
  if ((Aggregates(&object) || Aggregates(old)) && !EscalationText(user, held, FullAuthority()).empty()) {
    co_return api::Forbidden(resource, name, "must have cluster-admin privileges to use the aggregationRule");
  }
  co_return absl::OkStatus();
}

Task<absl::Status> CheckBindingWrite(EscalationCheck check, const auth::User& user,
                                     const registry::ClusterScope& cluster, const api::GroupResource& resource,
                                     std::string ns, const json::Value& object) {
  if (user.IsMasters()) co_return absl::OkStatus();
  const RoleRef ref{std::string(object.StringAt({"roleRef", "kind"})),
                    std::string(object.StringAt({"roleRef", "name"}))};
  const Attributes bind{.user = user,
                        .cluster = cluster,
                        .verb = "bind",
                        .group = kGroup,
                        .version = "*",
                        .resource = ref.kind == "Role" ? "roles" : "clusterroles",
                        .ns = ns,
                        .name = ref.name};
  if ((co_await check.authorizer->Authorize(bind)).allowed()) co_return absl::OkStatus();
  CO_ASSIGN_OR_RETURN(const std::vector<PolicyRule> wanted, co_await check.roles->RoleRules(cluster.id, ref, ns));
  CO_ASSIGN_OR_RETURN(const std::vector<PolicyRule> held, co_await check.authorizer->RulesFor(user, cluster.id, ns));
  if (std::string text = EscalationText(user, held, wanted); !text.empty())
    co_return api::Forbidden(resource, api::Name(object), text);
  co_return absl::OkStatus();
}

}  // namespace atoll::authorization
