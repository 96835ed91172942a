#include "shard/resources/rbac/rules.h"

#include "common/api/validation.h"
#include "common/base/strings.h"
#include "shard/registry/names.h"

namespace atoll::resources {
namespace {

using json::Value;

bool IsEmpty(const Value* list) { return list == nullptr || !list->is_array() || list->array().empty(); }

void CheckRule(const Value& rule, const std::string& field, bool namespaced, api::FieldErrors* errors) {
  if (IsEmpty(rule.Find("verbs"))) {
    errors->push_back(api::FieldRequired(StrCat(field, ".verbs"), "verbs must contain at least one value"));
  }
  if (const Value* urls = rule.Find("nonResourceURLs"); !IsEmpty(urls)) {
    std::string at = StrCat(field, ".nonResourceURLs");
    if (namespaced) {
      errors->push_back(api::FieldInvalid(at, *urls, "namespaced rules cannot apply to non-resource URLs"));
    }
    if (!IsEmpty(rule.Find("apiGroups")) || !IsEmpty(rule.Find("resources")) || !IsEmpty(rule.Find("resourceNames"))) {
      errors->push_back(
          api::FieldInvalid(at, *urls, "rules cannot apply to both regular resources and non-resource URLs"));
    }
    return;
  }
  if (IsEmpty(rule.Find("apiGroups"))) {
    errors->push_back(
        api::FieldRequired(StrCat(field, ".apiGroups"), "resource rules must supply at least one api group"));
  }
  if (IsEmpty(rule.Find("resources"))) {
    errors->push_back(
        api::FieldRequired(StrCat(field, ".resources"), "resource rules must supply at least one resource"));
  }
}

}  // namespace

api::FieldErrors RoleStrategy::ValidateCreate(const registry::StrategyContext& ctx, const Value& object) const {
  api::FieldErrors errors;
  if (const Value* rules = object.Find("rules"); rules != nullptr && rules->is_array()) {
    size_t i = 0;
    for (const Value& rule : rules->array()) CheckRule(rule, StrCat("rules[", i++, "]"), namespaced_, &errors);
  }
  if (const Value* aggregation = object.Find("aggregationRule"); aggregation != nullptr && aggregation->is_object()) {
    if (IsEmpty(aggregation->Find("clusterRoleSelectors"))) {
      errors.push_back(api::FieldRequired("aggregationRule.clusterRoleSelectors",
                                          "at least one clusterRoleSelector required if aggregationRule is non-nil"));
    } else {
      size_t i = 0;
      for (const Value& selector : aggregation->Find("clusterRoleSelectors")->array()) {
        const std::string at = StrCat("aggregationRule.clusterRoleSelectors[", i++, "]");
        const api::FieldErrors wrong = api::ValidateLabelSelector(selector, at);
        errors.insert(errors.end(), wrong.begin(), wrong.end());
        if (!wrong.empty()) errors.push_back(api::FieldInvalid(at, Value(), "invalid label selector."));
      }
    }
  }
  return errors;
}

api::FieldErrors RoleStrategy::ValidateUpdate(const registry::StrategyContext& ctx, const Value& object,
                                              const Value& old) const {
  return ValidateCreate(ctx, object);
}

std::vector<std::string> RoleStrategy::ValidateName(std::string_view name, bool prefix) const {
  return registry::CheckPathSegment(name, prefix);
}

}  // namespace atoll::resources
