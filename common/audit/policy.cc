#include "common/audit/policy.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/api/errors.h"
#include "common/api/validation.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/config/object_reader.h"
#include "common/json/yaml.h"

namespace atoll::audit {
namespace {

using config::ObjectReader;

constexpr std::array<std::string_view, 4> kLevels = {"None", "Metadata", "Request", "RequestResponse"};
constexpr std::array<std::string_view, 4> kStages = {"RequestReceived", "ResponseStarted", "ResponseComplete", "Panic"};
constexpr std::string_view kStageList = "allowed stages are RequestReceived,ResponseStarted,ResponseComplete,Panic";

bool Contains(const std::vector<std::string>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

uint8_t ReadStages(ObjectReader& reader) {
  uint8_t out = 0;
  const std::vector<std::string> names = reader.Strings("omitStages");
  for (size_t i = 0; i < names.size(); ++i) {
    const auto* it = std::find(kStages.begin(), kStages.end(), names[i]);
    if (it == kStages.end()) {
      reader.errors().push_back(api::FieldInvalid(StrCat(reader.At("omitStages"), "[", i, "]"), names[i], kStageList));
    } else {
      out |= static_cast<uint8_t>(1U << (it - kStages.begin()));
    }
  }
  return out;
}

Level ReadLevel(ObjectReader& reader) {
  const std::string name = reader.String("level");
  if (name.empty()) {
    reader.errors().push_back(api::FieldRequired(reader.At("level")));
    return Level::kNone;
  }
  const auto* it = std::find(kLevels.begin(), kLevels.end(), name);
  if (it == kLevels.end()) {
    reader.errors().push_back(api::FieldNotSupported(reader.At("level"), name, {kLevels.begin(), kLevels.end()}));
    return Level::kNone;
  }
  return static_cast<Level>(it - kLevels.begin());
}

void CheckPaths(ObjectReader& reader, const std::vector<std::string>& paths) {
  for (size_t i = 0; i < paths.size(); ++i) {
    const std::string& path = paths[i];
    if (path == "*") continue;
    const std::string field = StrCat(reader.At("nonResourceURLs"), "[", i, "]");
    if (!path.starts_with('/')) {
      reader.errors().push_back(
          api::FieldInvalid(field, path, "non-resource URL rules must begin with a '/' character"));
    }
    if (path.find('*') < path.size() - 1) {
      reader.errors().push_back(
          api::FieldInvalid(field, path, "non-resource URL wildcards '*' must be the final character of the rule"));
    }
  }
}

bool PathMatches(std::string_view path, std::string_view pattern) {
  if (pattern == "*" || pattern == path) return true;
  return pattern.ends_with('*') && path.starts_with(pattern.substr(0, pattern.size() - 1));
}

// `r`, `r/sub`, `r/*`, `*/sub`, `*`; a request for a subresource is no request for its resource.
bool ResourceMatches(const Subject& subject, std::string_view pattern) {
  if (pattern == "*") return true;
  const size_t slash = pattern.find('/');
  const std::string_view resource = pattern.substr(0, slash);
  const std::string_view sub = slash == std::string_view::npos ? std::string_view() : pattern.substr(slash + 1);
  if (slash == std::string_view::npos) return resource == subject.resource && subject.subresource.empty();
  if (resource == "*") return !subject.subresource.empty() && sub == subject.subresource;
  if (resource != subject.resource) return false;
  return sub == "*" || (!sub.empty() && sub == subject.subresource);
}

}  // namespace

std::string_view LevelName(Level level) { return kLevels[static_cast<size_t>(level)]; }
std::string_view StageName(Stage stage) { return kStages[static_cast<size_t>(stage)]; }

absl::StatusOr<Policy> Policy::Parse(std::string_view text, std::vector<std::string>* warnings) {
  ASSIGN_OR_RETURN(const json::Value document, json::ParseYaml(text, {.duplicates = warnings}));
  api::FieldErrors errors;
  std::vector<std::string> unknown;
  ObjectReader reader(document, "", &errors, &unknown);
  if (!errors.empty()) return absl::InvalidArgumentError("the file must hold an object");
  const std::string version = reader.String("apiVersion"), kind = reader.String("kind");
  if (version != "audit.k8s.io/v1" || kind != "Policy") {
    return absl::InvalidArgumentError(
        StrCat("apiVersion must be audit.k8s.io/v1 and kind Policy, found \"", version, "\" and \"", kind, "\""));
  }
  Policy policy;
  reader.Ignore("metadata");
  policy.otherwise_.omitted = ReadStages(reader);
  policy.otherwise_.omit_managed_fields = reader.Bool("omitManagedFields");
  for (ObjectReader& from : reader.Objects("rules")) {
    Rule rule;
    rule.verdict.level = ReadLevel(from);
    rule.verdict.omitted = ReadStages(from) | policy.otherwise_.omitted;
    rule.verdict.omit_managed_fields = from.Bool("omitManagedFields", policy.otherwise_.omit_managed_fields);
    rule.users = from.Strings("users");
    rule.groups = from.Strings("userGroups");
    rule.verbs = from.Strings("verbs");
    rule.namespaces = from.Strings("namespaces");
    rule.paths = from.Strings("nonResourceURLs");
    CheckPaths(from, rule.paths);
    for (ObjectReader& entry : from.Objects("resources")) {
      GroupResources resources{.group = entry.String("group"),
                               .resources = entry.Strings("resources"),
                               .names = entry.Strings("resourceNames")};
      if (!resources.group.empty() && resources.group != "*") {
        for (const std::string& why : api::CheckDns1123Subdomain(resources.group)) {
          errors.push_back(api::FieldInvalid(entry.At("group"), resources.group, why));
        }
      }
      if (!resources.names.empty() && resources.resources.empty()) {
        errors.push_back(api::FieldInvalid(entry.At("resourceNames"), resources.names.front(),
                                           "using resourceNames requires at least one resource"));
      }
      entry.Finish();
      rule.resources.push_back(std::move(resources));
    }
    if (!rule.paths.empty() && (!rule.resources.empty() || !rule.namespaces.empty())) {
      errors.push_back(api::FieldInvalid(from.At("nonResourceURLs"), rule.paths.front(),
                                         "rules cannot apply to both regular resources and non-resource URLs"));
    }
    from.Finish();
    policy.rules_.push_back(std::move(rule));
  }
  reader.Finish();
  if (!errors.empty()) return absl::InvalidArgumentError(ToAbsl(config::Joined(errors)));
  if (policy.rules_.empty()) return absl::InvalidArgumentError("rules: Required value: a policy has at least one rule");
  for (const std::string& field : unknown) warnings->push_back(StrCat("unknown field \"", field, "\""));
  return policy;
}

bool Policy::Rule::Matches(const Subject& subject) const {
  if (!users.empty() && (subject.user == nullptr || !Contains(users, subject.user->name))) return false;
  if (!groups.empty()) {
    if (subject.user == nullptr) return false;
    const auto& have = subject.user->groups;
    if (std::none_of(have.begin(), have.end(), [&](const auto& group) { return Contains(groups, group); }))
      return false;
  }
  if (!verbs.empty() && !Contains(verbs, subject.verb)) return false;
  if (!namespaces.empty() || !resources.empty()) return subject.resource_request && MatchesResource(subject);
  if (paths.empty()) return true;
  return !subject.resource_request &&
         std::any_of(paths.begin(), paths.end(), [&](const auto& p) { return PathMatches(subject.path, p); });
}

bool Policy::Rule::MatchesResource(const Subject& subject) const {
  if (!namespaces.empty() && !Contains(namespaces, subject.ns)) return false;  // "" is what has none
  if (resources.empty()) return true;
  return std::any_of(resources.begin(), resources.end(), [&](const GroupResources& entry) {
    if (entry.group != subject.group && entry.group != "*") return false;
    if (entry.resources.empty()) return true;
    if (!entry.names.empty() && !Contains(entry.names, subject.name)) return false;
    return std::any_of(entry.resources.begin(), entry.resources.end(),
                       [&](const auto& pattern) { return ResourceMatches(subject, pattern); });
  });
}

Verdict Policy::Evaluate(const Subject& subject) const {
  for (const Rule& rule : rules_) {
    if (rule.Matches(subject)) return rule.verdict;
  }
  return otherwise_;
}

}  // namespace atoll::audit
