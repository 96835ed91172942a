#include "shard/controllers/replicate/marks.h"

#include <algorithm>
#include <initializer_list>

#include "absl/strings/str_split.h"
#include "common/api/object.h"
#include "common/base/strings.h"
#include "shard/replication/replicated.h"

namespace atoll::controllers {
namespace {

constexpr std::string_view kApis = "apis.kcp.io", kCore = "core.kcp.io", kTenancy = "tenancy.kcp.io";
constexpr std::string_view kPolicySubject = "apis.kcp.io:binding:";
constexpr std::string_view kRbacGroup = "rbac.authorization.k8s.io";

bool HasOneOf(const json::Value& rule, std::string_view member, std::initializer_list<std::string_view> wanted) {
  const json::Value* list = rule.Find(member);
  if (list == nullptr || !list->is_array()) return false;
  return std::any_of(list->array().begin(), list->array().end(), [&](const json::Value& v) {
    return v.is_string() && std::find(wanted.begin(), wanted.end(), v.string()) != wanted.end();
  });
}

std::string_view MarkOf(const json::Value& object) {
  return api::Annotation(object, replication::kReplicateAnnotation);
}

}  // namespace

Words WordsOfRules(const json::Value& role, bool cluster_replicated) {
  Words words;
  const json::Value* rules = role.Find("rules");
  if (rules == nullptr || !rules->is_array()) return words;
  for (const json::Value& rule : rules->array()) {
    if (HasOneOf(rule, "apiGroups", {kApis, "*"}) &&
        (HasOneOf(rule, "resources", {"apiexports/content", "*"}) ||
         (HasOneOf(rule, "resources", {"apiexports"}) && HasOneOf(rule, "verbs", {"bind", "*"})))) {
      words.emplace(kApis);
    }
    if (HasOneOf(rule, "apiGroups", {kTenancy, "*"}) && HasOneOf(rule, "resources", {"workspacetypes", "*"}) &&
        HasOneOf(rule, "verbs", {"use", "initialize", "terminate", "*"})) {
      words.emplace(kTenancy);
    }
    if (cluster_replicated && HasOneOf(rule, "nonResourceURLs", {"/", "/*", "*"}) &&
        HasOneOf(rule, "verbs", {"access", "*"})) {
      words.emplace(kCore);
    }
  }
  return words;
}

bool BindsPolicySubject(const json::Value& binding) {
  const json::Value* subjects = binding.Find("subjects");
  if (subjects == nullptr || !subjects->is_array()) return false;
  return std::any_of(subjects->array().begin(), subjects->array().end(), [](const json::Value& s) {
    const std::string_view kind = s.StringAt({"kind"});
    return (kind == "User" || kind == "Group") && s.StringAt({"apiGroup"}) == kRbacGroup &&
           s.StringAt({"name"}).starts_with(kPolicySubject);
  });
}

bool MayBeMarked(const json::Value& object) {
  return !WordsOfRules(object, /*cluster_replicated=*/false).empty() || BindsPolicySubject(object) ||
         ClusterRoleOf(object) == "cluster-admin";
}

std::string MarkWith(std::string_view now, const Words& wanted) {
  Words words = wanted;
  for (absl::string_view part : absl::StrSplit(ToAbsl(now), ',', absl::SkipEmpty())) {
    const std::string_view word = ToStd(part);
    if (word != kApis && word != kCore && word != kTenancy) words.emplace(word);
  }
  return StrJoin(std::vector<std::string>(words.begin(), words.end()), ",");
}

std::string_view ClusterRoleOf(const json::Value& binding) {
  if (binding.StringAt({"roleRef", "kind"}) != "ClusterRole") return {};
  return binding.StringAt({"roleRef", "name"});
}

std::vector<MarkChange> MarkChanges(const ClusterMarks& cluster) {
  std::vector<MarkChange> changes;
  const auto say = [&](MarkChange::Kind kind, const json::Value& object, const Words& wanted) {
    const std::string_view now = MarkOf(object);
    std::string mark = MarkWith(now, wanted);
    if (mark != now) changes.push_back({kind, std::string(api::Name(object)), mark});
    return mark;
  };

  bool replicated = false;
  if (cluster.logical_cluster.is_object()) {
    Words words;
    if (cluster.has_exports) words.emplace(kApis);
    if (cluster.has_types) words.emplace(kTenancy);
    replicated = !say(MarkChange::Kind::kLogicalCluster, cluster.logical_cluster, words).empty();
  }
  Words of_policy;  // roles that a binding to a policy's subject names
  for (const json::Value& binding : cluster.bindings) {
    if (BindsPolicySubject(binding)) of_policy.emplace(ClusterRoleOf(binding));
  }
  std::map<std::string, Words, std::less<>> by_role;
  for (const auto& [name, role] : cluster.shared_roles) by_role[name] = WordsOfRules(role, replicated);
  for (const json::Value& role : cluster.roles) {
    const std::string name(api::Name(role));
    Words words = by_role[name] = WordsOfRules(role, replicated);  // one of its own hides the shared one
    if (of_policy.contains(name)) words.emplace(kApis);
    say(MarkChange::Kind::kRole, role, words);
  }
  for (const json::Value& binding : cluster.bindings) {
    Words words;
    if (const auto role = by_role.find(ClusterRoleOf(binding)); role != by_role.end()) words = role->second;
    if (BindsPolicySubject(binding)) words.emplace(kApis);
    say(MarkChange::Kind::kBinding, binding, words);
  }
  return changes;
}

}  // namespace atoll::controllers
