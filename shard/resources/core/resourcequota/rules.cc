#include "shard/resources/core/resourcequota/rules.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "common/api/quantity.h"
#include "common/api/validation.h"
#include "common/base/strings.h"

namespace atoll::resources {
namespace {

using json::Value;

constexpr std::string_view kWholeNumbers[] = {"configmaps",
                                              "persistentvolumeclaims",
                                              "pods",
                                              "replicationcontrollers",
                                              "resourcequotas",
                                              "secrets",
                                              "services",
                                              "services.loadbalancers",
                                              "services.nodeports"};
constexpr std::string_view kAmounts[] = {"cpu",
                                         "memory",
                                         "ephemeral-storage",
                                         "requests.cpu",
                                         "requests.memory",
                                         "requests.storage",
                                         "requests.ephemeral-storage",
                                         "limits.cpu",
                                         "limits.memory",
                                         "limits.ephemeral-storage"};
constexpr std::string_view kPodAmounts[] = {"cpu",           "memory",       "limits.cpu",
                                            "limits.memory", "requests.cpu", "requests.memory"};

template <typename Range>
bool Has(const Range& range, std::string_view name) {
  return std::find(std::begin(range), std::end(range), name) != std::end(range);
}

bool IsHugePages(std::string_view name) {
  return name.starts_with("hugepages-") || name.starts_with("requests.hugepages-");
}
bool IsQuotaResource(std::string_view name) {
  return Has(kWholeNumbers, name) || Has(kAmounts, name) || IsHugePages(name);
}
// What some Kubernetes object counts in; `storage` is one of those, but no quota.
bool IsStandardResource(std::string_view name) { return IsQuotaResource(name) || name == "storage"; }

bool IsCounted(std::string_view name) {
  if (Has(kWholeNumbers, name)) return true;
  const bool native = name.find('/') == std::string_view::npos || name.find("kubernetes.io/") != std::string_view::npos;
  return !native && !name.starts_with("requests.") && api::CheckQualifiedName(StrCat("requests.", name)).empty();
}

void CheckResourceName(std::string_view name, const std::string& field, api::FieldErrors* errors) {
  const bool plain = name.find('/') == std::string_view::npos;
  const auto messages = api::CheckQualifiedName(name);
  for (const auto& why : messages) errors->push_back(api::FieldInvalid(field, Value(name), why));
  if (!plain) return;
  if (messages.empty() && !IsStandardResource(name)) {
    errors->push_back(api::FieldInvalid(field, Value(name), "must be a standard resource type or fully qualified"));
  }
  if (!IsQuotaResource(name)) {
    errors->push_back(api::FieldInvalid(field, Value(name), "must be a standard resource for quota"));
  }
}

bool IsScope(std::string_view scope) {
  constexpr std::string_view kScopes[] = {
      "Terminating",           "NotTerminating",           "BestEffort", "NotBestEffort", "PriorityClass",
      "VolumeAttributesClass", "CrossNamespacePodAffinity"};
  return Has(kScopes, scope);
}

bool ScopeBounds(std::string_view scope, std::string_view resource) {
  if (scope == "BestEffort") return resource == "pods";
  if (scope == "VolumeAttributesClass") return resource == "persistentvolumeclaims" || resource == "requests.storage";
  if (!IsScope(scope)) return true;
  return resource == "pods" || Has(kPodAmounts, resource);
}

// How many of the bounded resources a scope does not apply to: each is one error.
size_t Unbounded(const Value& spec, std::string_view scope) {
  const Value* hard = spec.Find("hard");
  if (hard == nullptr || !hard->is_object()) return 0;
  return static_cast<size_t>(std::count_if(hard->object().begin(), hard->object().end(), [&](const auto& m) {
    return IsQuotaResource(m.first) && !ScopeBounds(scope, m.first);
  }));
}

size_t Conflicts(const std::set<std::string_view>& scopes) {
  size_t conflicts = 0;
  if (scopes.contains("BestEffort") && scopes.contains("NotBestEffort")) ++conflicts;
  if (scopes.contains("Terminating") && scopes.contains("NotTerminating")) ++conflicts;
  return conflicts;
}

void CheckScopeList(const Value& spec, api::FieldErrors* errors) {
  const Value* list = spec.Find("scopes");
  if (list == nullptr || !list->is_array()) return;
  auto wrong = [&](std::string_view why, size_t times) {
    for (size_t i = 0; i < times; ++i) errors->push_back(api::FieldInvalid("spec.scopes", *list, why));
  };
  std::set<std::string_view> seen;
  for (const Value& scope : list->array()) {
    if (!IsScope(scope.StringOr())) wrong("unsupported scope", 1);
    wrong("unsupported scope applied to resource", Unbounded(spec, scope.StringOr()));
    seen.insert(scope.StringOr());
  }
  wrong("conflicting scopes", Conflicts(seen));
}

// The selector as the reference prints it: its internal structure.
Value PrintedSelector(const Value& expressions) {
  json::Array printed;
  for (const Value& e : expressions.array()) {
    const Value* values = e.Find("values");
    printed.emplace_back(json::Object{{"ScopeName", e.StringAt({"scopeName"})},
                                      {"Operator", e.StringAt({"operator"})},
                                      {"Values", values == nullptr ? Value() : *values}});
  }
  return Value(json::Object{{"MatchExpressions", Value(std::move(printed))}});
}

void CheckOperator(const Value& expression, const std::string& field, api::FieldErrors* errors) {
  const std::string_view scope = expression.StringAt({"scopeName"}), op = expression.StringAt({"operator"});
  const bool by_itself = IsScope(scope) && scope != "PriorityClass" && scope != "VolumeAttributesClass";
  if (by_itself && op != "Exists") {
    errors->push_back(api::FieldInvalid(
        StrCat(field, ".operator"), Value(op),
        "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, "
        "ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or "
        "ResourceQuotaScopeCrossNamespacePodAffinity"));
  }
  const Value* values = expression.Find("values");
  const bool some = values != nullptr && values->is_array() && !values->array().empty();
  if (op == "In" || op == "NotIn") {
    if (some) return;
    errors->push_back(api::FieldRequired(
        StrCat(field, ".values"), "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"));
  } else if (op == "Exists" || op == "DoesNotExist") {
    if (!some) return;
    errors->push_back(
        api::FieldInvalid(StrCat(field, ".values"), *values,
                          "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"));
  } else {
    errors->push_back(api::FieldInvalid(StrCat(field, ".operator"), Value(op), "not a valid selector operator"));
  }
}

void CheckScopeSelector(const Value& spec, api::FieldErrors* errors) {
  const Value* expressions = spec.At({"scopeSelector", "matchExpressions"});
  if (expressions == nullptr || !expressions->is_array()) return;
  const std::string field = "spec.scopeSelector.matchExpressions";
  std::set<std::string_view> seen;
  for (const Value& e : expressions->array()) {
    const std::string_view scope = e.StringAt({"scopeName"});
    if (!IsScope(scope)) {
      errors->push_back(api::FieldInvalid(StrCat(field, ".scopeName"), Value(scope), "unsupported scope"));
    }
    for (size_t i = Unbounded(spec, scope); i > 0; --i) {
      errors->push_back(
          api::FieldInvalid(field, PrintedSelector(*expressions), "unsupported scope applied to resource"));
    }
    CheckOperator(e, field, errors);
    seen.insert(scope);
  }
  const Value* scopes = spec.Find("scopes");
  for (size_t i = Conflicts(seen); i > 0; --i) {
    errors->push_back(api::FieldInvalid(field, scopes == nullptr ? Value() : *scopes, "conflicting scopes"));
  }
}

}  // namespace

void CheckQuotaAmounts(const Value* amounts, std::string_view field, api::FieldErrors* errors) {
  if (amounts == nullptr || !amounts->is_object()) return;
  for (const auto& [name, amount] : amounts->object()) {
    const std::string at = StrCat(field, "[", name, "]");
    CheckResourceName(name, at, errors);
    const auto quantity = api::Quantity::Parse(amount.StringOr());
    if (!quantity.ok()) continue;  // decoding has refused it
    if (quantity->negative()) errors->push_back(api::FieldInvalid(at, amount, "must be greater than or equal to 0"));
    if (IsCounted(name) && !quantity->IsWhole()) {
      errors->push_back(api::FieldInvalid(at, amount, "must be an integer"));
    }
  }
}

void CheckQuotaScopes(const Value& spec, api::FieldErrors* errors) {
  CheckScopeList(spec, errors);
  CheckScopeSelector(spec, errors);
}

void RoundAmounts(Value* amounts) {
  if (amounts == nullptr || !amounts->is_object()) return;
  for (auto& [name, amount] : amounts->object()) {
    auto quantity = api::Quantity::Parse(amount.StringOr());
    if (!quantity.ok()) continue;
    quantity->RoundUpToMilli();
    amount = Value(quantity->ToString());
  }
}

std::vector<std::string> QuotaWarnings(const Value& spec) {
  std::vector<std::string> warnings;
  for (std::string_view name : {"cpu", "memory", "storage", "ephemeral-storage"}) {
    std::string request = StrCat("requests.", name);
    const std::string limit = StrCat("limits.", name);
    const bool by_name = name == "cpu" || name == "memory";
    if (by_name && spec.At({"hard", request}) == nullptr) request = name;
    const std::string_view asked = spec.StringAt({"hard", request}), bound = spec.StringAt({"hard", limit});
    const auto a = api::Quantity::Parse(asked), b = api::Quantity::Parse(bound);
    if (!a.ok() || !b.ok() || *a <= *b) continue;
    warnings.push_back(
        StrCat("ResourceQuota ", request, " (", asked, ") should be less than ", limit, " (", bound, ")"));
  }
  return warnings;
}

}  // namespace atoll::resources
