#include "shard/resources/core/resourcequota/strategy.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "common/api/quantity.h"
#include "common/api/validation.h"
#include "common/base/strings.h"
#include "common/json/write.h"

namespace atoll::resources {
namespace {

using json::Value;

constexpr std::array<std::string_view, 9> kObjectCounts = {
    "pods",       "resourcequotas",         "services",           "replicationcontrollers", "secrets",
    "configmaps", "persistentvolumeclaims", "services.nodeports", "services.loadbalancers"};
constexpr std::array<std::string_view, 10> kAmounts = {"cpu",
                                                       "memory",
                                                       "ephemeral-storage",
                                                       "requests.cpu",
                                                       "requests.memory",
                                                       "requests.storage",
                                                       "requests.ephemeral-storage",
                                                       "limits.cpu",
                                                       "limits.memory",
                                                       "limits.ephemeral-storage"};
// What pods are made of, to which scopes apply.
constexpr std::array<std::string_view, 7> kOfPods = {"pods",       "cpu",           "memory",         "requests.cpu",
                                                     "limits.cpu", "limits.memory", "requests.memory"};
constexpr std::array<std::string_view, 6> kScopes = {"Terminating",   "NotTerminating", "BestEffort",
                                                     "NotBestEffort", "PriorityClass",  "CrossNamespacePodAffinity"};
constexpr std::pair<std::string_view, std::string_view> kConflicts[] = {{"BestEffort", "NotBestEffort"},
                                                                        {"Terminating", "NotTerminating"}};

bool Contains(std::span<const std::string_view> list, std::string_view s) {
  return std::find(list.begin(), list.end(), s) != list.end();
}

bool IsHugePages(std::string_view name) {
  return name.starts_with("hugepages-") || name.starts_with("requests.hugepages-");
}
bool IsStandard(std::string_view name) {
  return Contains(kObjectCounts, name) || Contains(kAmounts, name) || IsHugePages(name);
}
// Things that come whole: objects, and what others have named.
bool IsWhole(std::string_view name) {
  if (Contains(kObjectCounts, name)) return true;
  return name.find('/') != std::string_view::npos && !name.starts_with("requests.") &&
         name.find("kubernetes.io/") == std::string_view::npos;
}

std::string Text(const Value& amount) { return amount.is_string() ? amount.string() : json::Write(amount); }

void CheckName(std::string_view name, const std::string& field, api::FieldErrors* errors) {
  for (const std::string& why : api::CheckQualifiedName(name))
    errors->push_back(api::FieldInvalid(field, Value(name), why));
  if (name.find('/') != std::string_view::npos) return;
  if (!IsStandard(name) && name != "storage")
    errors->push_back(api::FieldInvalid(field, Value(name), "must be a standard resource type or fully qualified"));
  if (!IsStandard(name))
    errors->push_back(api::FieldInvalid(field, Value(name), "must be a standard resource for quota"));
}

void CheckAmounts(const Value& object, std::string_view part, std::string_view list, api::FieldErrors* errors) {
  const Value* amounts = object.At({part, list});
  if (amounts == nullptr || !amounts->is_object()) return;
  for (const auto& [name, amount] : amounts->object()) {
    const std::string field = StrCat(part, ".", list, "[", name, "]");
    CheckName(name, field, errors);
    auto quantity = api::Quantity::Parse(Text(amount));
    if (!quantity.ok()) {
      errors->push_back(api::FieldInvalid(field, amount, ToStd(quantity.status().message())));
      continue;
    }
    const Value printed(quantity->ToString());
    if (quantity->negative())
      errors->push_back(api::FieldInvalid(field, printed, "must be greater than or equal to 0"));
    if (IsWhole(name) && !quantity->IsWhole())
      errors->push_back(api::FieldInvalid(field, printed, "must be an integer"));
  }
}

bool Bounds(const Value& object, std::string_view scope) {
  const Value* hard = object.At({"spec", "hard"});
  if (hard == nullptr || !hard->is_object()) return true;
  return std::all_of(hard->object().begin(), hard->object().end(), [&](const auto& member) {
    if (!IsStandard(member.first)) return true;
    return scope == "BestEffort" ? member.first == "pods" : Contains(kOfPods, member.first);
  });
}

void CheckScopes(const Value& object, api::FieldErrors* errors) {
  const Value* scopes = object.At({"spec", "scopes"});
  if (scopes == nullptr || !scopes->is_array()) return;
  const auto has = [&](std::string_view wanted) {
    return std::any_of(scopes->array().begin(), scopes->array().end(),
                       [&](const Value& s) { return s.StringOr() == wanted; });
  };
  const auto say = [&](std::string_view why) { errors->push_back(api::FieldInvalid("spec.scopes", *scopes, why)); };
  bool unknown = false, unfit = false;
  for (const Value& scope : scopes->array()) {
    const bool known = Contains(kScopes, scope.StringOr());
    unknown = unknown || !known;
    unfit = unfit || (known && !Bounds(object, scope.StringOr()));
  }
  if (unknown) say("unsupported scope");
  if (unfit) say("unsupported scope applied to resource");
  for (const auto& [one, other] : kConflicts) {
    if (has(one) && has(other)) say("conflicting scopes");
  }
}

void CheckScopeSelector(const Value& object, api::FieldErrors* errors) {
  const Value* expressions = object.At({"spec", "scopeSelector", "matchExpressions"});
  if (expressions == nullptr || !expressions->is_array()) return;
  const std::string at = "spec.scopeSelector.matchExpressions";
  for (const Value& e : expressions->array()) {
    const std::string_view scope = e.StringAt({"scopeName"}), op = e.StringAt({"operator"});
    const Value* values = e.Find("values");
    const bool none = values == nullptr || !values->is_array() || values->array().empty();
    if (!Contains(kScopes, scope)) {
      errors->push_back(api::FieldInvalid(at + ".scopeName", Value(scope), "unsupported scope"));
    } else if (!Bounds(object, scope)) {
      errors->push_back(api::FieldInvalid(at + ".scopeName", Value(scope), "unsupported scope applied to resource"));
    }
    if (scope != "PriorityClass" && Contains(kScopes, scope) && op != "Exists") {
      errors->push_back(api::FieldInvalid(
          at + ".operator", Value(op),
          "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, "
          "ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or "
          "ResourceQuotaScopeCrossNamespacePodAffinity"));
    }
    if (op == "In" || op == "NotIn") {
      if (none)
        errors->push_back(api::FieldRequired(
            at + ".values", "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"));
    } else if (op == "Exists" || op == "DoesNotExist") {
      if (!none)
        errors->push_back(
            api::FieldInvalid(at + ".values", *values,
                              "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"));
    } else {
      errors->push_back(api::FieldInvalid(at + ".operator", Value(op), "not a valid selector operator"));
    }
  }
}

bool SameList(const Value* a, const Value* b) {
  const auto empty = [](const Value* v) { return v == nullptr || !v->is_array() || v->array().empty(); };
  if (empty(a) || empty(b)) return empty(a) == empty(b);
  return *a == *b;
}

}  // namespace

void ResourceQuotaStrategy::Default(Value* object) const {
  for (const auto& [part, list] : {std::pair{"spec", "hard"}, {"status", "hard"}, {"status", "used"}}) {
    Value* amounts = object->At({part, list});
    if (amounts == nullptr || !amounts->is_object()) continue;
    for (auto& [name, amount] : amounts->object()) {
      if (auto quantity = api::Quantity::Parse(Text(amount)); quantity.ok()) amount = quantity->ToString();
    }
    amounts->object().SortByKey();
  }
}

void ResourceQuotaStrategy::PrepareForCreate(const registry::StrategyContext& ctx, Value* object) const {
  object->object().Set("status", Value::MakeObject());
}

api::FieldErrors ResourceQuotaStrategy::ValidateCreate(const registry::StrategyContext& ctx,
                                                       const Value& object) const {
  api::FieldErrors errors;
  CheckAmounts(object, "spec", "hard", &errors);
  CheckScopes(object, &errors);
  CheckScopeSelector(object, &errors);
  CheckAmounts(object, "status", "hard", &errors);
  CheckAmounts(object, "status", "used", &errors);
  return errors;
}

api::FieldErrors ResourceQuotaStrategy::ValidateUpdate(const registry::StrategyContext& ctx, const Value& object,
                                                       const Value& old) const {
  if (ctx.subresource == "status") {
    api::FieldErrors errors;
    CheckAmounts(object, "status", "hard", &errors);
    CheckAmounts(object, "status", "used", &errors);
    return errors;
  }
  api::FieldErrors errors = ValidateCreate(ctx, object);
  if (const Value* scopes = object.At({"spec", "scopes"}); !SameList(scopes, old.At({"spec", "scopes"}))) {
    errors.push_back(
        api::FieldInvalid("spec.scopes", scopes == nullptr ? Value::MakeArray() : *scopes, "field is immutable"));
  }
  return errors;
}

}  // namespace atoll::resources
