#include "shard/authorization/policy.h"

#include <algorithm>

#include "common/api/errors.h"
#include "common/api/object.h"
#include "common/base/strings.h"

namespace atoll::authorization {
namespace {

RulesPtr CompileRules(const json::Value& role) {
  auto out = std::make_shared<Rules>();
  std::vector<PolicyRule> rules = ParseRules(role.Find("rules"));
  out->reserve(rules.size());
  for (PolicyRule& rule : rules) out->emplace_back(std::move(rule));
  return out;
}

size_t RulesBytes(const Rules& rules) {
  size_t out = sizeof(Rules);
  for (const CompiledRule& rule : rules) out += rule.bytes();
  return out;
}

// The key of rules for paths: no resource has this name.
constexpr std::string_view kPaths = "/";

// Collisions cost a look at a rule, nothing else.
uint32_t GrantKey(uint32_t group, uint32_t resource, std::string_view ns) {
  const uint32_t key = group * 0x9e3779b1u + resource;
  return ns.empty() ? key : key * 0x9e3779b1u + HashWord(ns);
}

}  // namespace

void Policy::Grants::Index() {
  for (uint32_t i = 0; i < all_.size(); ++i) {
    const Grant& grant = all_[i];
    for (const CompiledRule& compiled : *grant.rules) {
      const PolicyRule& rule = compiled.rule();
      for (const std::string& group : rule.api_groups) {
        const uint32_t group_hash = HashWord(group);
        for (const std::string& resource : rule.resources) {
          entries_.push_back({GrantKey(group_hash, HashWord(resource), grant.ns), i, &compiled});
        }
      }
      // A path has no namespace, so only cluster-wide bindings grant it.
      if (!rule.non_resource_urls.empty() && grant.ns.empty()) {
        entries_.push_back({GrantKey(0, HashWord(kPaths), ""), i, &compiled});
      }
    }
  }
  std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) { return a.key < b.key; });
  all_.shrink_to_fit();
  entries_.shrink_to_fit();
}

const Policy::Grant* Policy::Grants::AllowAt(uint32_t group, uint32_t resource, std::string_view ns,
                                             const Question& question) const {
  const uint32_t key = GrantKey(group, resource, ns);
  auto it = std::lower_bound(entries_.begin(), entries_.end(), key,
                             [](const Entry& entry, uint32_t wanted) { return entry.key < wanted; });
  for (; it != entries_.end() && it->key == key; ++it) {
    if (all_[it->grant].ns == ns && it->rule->Allows(question)) return &all_[it->grant];
  }
  return nullptr;
}

const Policy::Grant* Policy::Grants::Allow(const Question& question) const {
  static const uint32_t any = HashWord("*"), paths = HashWord(kPaths);
  const Attributes& request = question.request;
  if (!request.resource_request) return AllowAt(0, paths, "", question);
  for (const uint32_t group : {question.group, any}) {
    for (const uint32_t resource : {question.resource_hash, any, question.any_sub_hash}) {
      if (resource == question.any_sub_hash && request.subresource.empty()) continue;
      if (const Grant* grant = AllowAt(group, resource, "", question)) return grant;
      if (request.ns.empty()) continue;
      if (const Grant* grant = AllowAt(group, resource, request.ns, question)) return grant;
    }
  }
  return nullptr;
}

std::string Policy::Explain(const Grant& grant, std::string_view subject_kind, std::string_view subject) {
  const Origin& origin = *grant.origin;
  return Cat("RBAC: allowed by ", grant.ns.empty() ? "ClusterRoleBinding " : "RoleBinding ",
             api::GoQuote(grant.ns.empty() ? origin.binding : Cat(origin.binding, "/", grant.ns)), " of ",
             origin.role.kind, " ", api::GoQuote(origin.role.name), " to ", subject_kind, " ", api::GoQuote(subject));
}

std::shared_ptr<const Policy> Policy::Compile(const RbacObjects& objects, const Policy* fallback) {
  auto policy = std::make_shared<Policy>();
  policy->bytes_ = sizeof(Policy);
  for (const json::Value& role : objects.cluster_roles) {
    RulesPtr rules = CompileRules(role);
    policy->bytes_ += 96 + RulesBytes(*rules);
    policy->cluster_roles_.insert_or_assign(std::string(api::Name(role)), std::move(rules));
  }
  for (const json::Value& role : objects.roles) {
    RulesPtr rules = CompileRules(role);
    policy->bytes_ += 128 + RulesBytes(*rules);
    policy->roles_.insert_or_assign({std::string(api::Namespace(role)), std::string(api::Name(role))},
                                    std::move(rules));
  }
  for (const json::Value& binding : objects.cluster_role_bindings) policy->AddBinding(binding, "", fallback);
  for (const json::Value& binding : objects.role_bindings) {
    // Without a namespace it would read as one for the whole cluster.
    if (!api::Namespace(binding).empty()) policy->AddBinding(binding, api::Namespace(binding), fallback);
  }
  for (auto* subjects : {&policy->users_, &policy->groups_}) {
    for (auto& [name, grants] : *subjects) {
      grants.Index();
      policy->bytes_ += grants.bytes();
    }
  }
  return policy;
}

void Policy::AddBinding(const json::Value& binding, std::string_view ns, const Policy* fallback) {
  const RoleRef ref{std::string(binding.StringAt({"roleRef", "kind"})),
                    std::string(binding.StringAt({"roleRef", "name"}))};
  if (ns.empty() && ref.kind != "ClusterRole") return;
  RulesPtr rules = FindRole(ref, ns);
  if (rules == nullptr && fallback != nullptr) rules = fallback->FindRole(ref, ns);
  if (rules == nullptr) return;  // dangling: grants nothing; the role's creation compiles anew
  const json::Value* subjects = binding.Find("subjects");
  if (subjects == nullptr || !subjects->is_array()) return;
  const auto origin = std::make_shared<const Origin>(Origin{std::string(api::Name(binding)), ref});
  bytes_ += sizeof(Origin) + origin->binding.size() + ref.name.size();
  for (const json::Value& subject : subjects->array()) {
    const std::string_view kind = subject.StringAt({"kind"}), name = subject.StringAt({"name"});
    const Grant grant{std::string(ns), rules, origin};
    if (kind == "User") {
      users_[std::string(name)].Add(grant);
    } else if (kind == "Group") {
      groups_[std::string(name)].Add(grant);
    } else if (kind == "ServiceAccount") {
      std::string_view account_ns = subject.StringAt({"namespace"});
      if (account_ns.empty()) account_ns = ns;
      if (account_ns.empty()) continue;
      users_[Cat("system:serviceaccount:", account_ns, ":", name)].Add(grant);
    } else {
      continue;
    }
    bytes_ += 64 + name.size() + ns.size();
  }
}

RulesPtr Policy::FindRole(const RoleRef& ref, std::string_view ns) const {
  if (ref.kind == "ClusterRole") {
    auto it = cluster_roles_.find(ref.name);
    return it == cluster_roles_.end() ? nullptr : it->second;
  }
  if (ref.kind != "Role") return nullptr;
  auto it = roles_.find({std::string(ns), ref.name});
  return it == roles_.end() ? nullptr : it->second;
}

bool Policy::Allows(const std::vector<Identity>& identities, const Question& question, std::string* why) const {
  auto allow = [&](const auto& subjects, const char* kind, const std::string& name) {
    auto it = subjects.find(name);
    const Grant* grant = it == subjects.end() ? nullptr : it->second.Allow(question);
    if (grant != nullptr && why != nullptr) *why = Explain(*grant, kind, name);
    return grant != nullptr;
  };
  for (const Identity& identity : identities) {
    if (allow(users_, "User", identity.name)) return true;
    for (const std::string& group : identity.groups) {
      if (allow(groups_, "Group", group)) return true;
    }
  }
  return false;
}

void Policy::AppendRules(const std::vector<Identity>& identities, std::string_view ns,
                         std::vector<PolicyRule>* out) const {
  auto append = [&](const Grants& grants) {
    for (const Grant& grant : grants.all()) {
      if (!grant.ns.empty() && grant.ns != ns) continue;
      for (const CompiledRule& rule : *grant.rules) out->push_back(rule.rule());
    }
  };
  for (const Identity& identity : identities) {
    if (auto it = users_.find(identity.name); it != users_.end()) append(it->second);
    for (const std::string& group : identity.groups) {
      if (auto it = groups_.find(group); it != groups_.end()) append(it->second);
    }
  }
}

}  // namespace atoll::authorization
