#include "shard/resources/core/resourcequota/strategy.h"

#include <set>

#include "common/base/strings.h"
#include "shard/resources/core/resourcequota/rules.h"

namespace atoll::resources {
namespace {

using json::Value;

const Value& Spec(const Value& object) {
  static const Value none = Value::MakeObject();
  const Value* spec = object.Find("spec");
  return spec == nullptr || !spec->is_object() ? none : *spec;
}

api::FieldErrors CheckSpec(const Value& object) {
  api::FieldErrors errors;
  CheckQuotaAmounts(object.At({"spec", "hard"}), "spec.hard", &errors);
  CheckQuotaScopes(Spec(object), &errors);
  return errors;
}

std::set<std::string_view> Scopes(const Value& object) {
  std::set<std::string_view> scopes;
  const Value* list = object.At({"spec", "scopes"});
  if (list == nullptr || !list->is_array()) return scopes;
  for (const Value& scope : list->array()) scopes.insert(scope.StringOr());
  return scopes;
}

}  // namespace

void ResourceQuotaStrategy::Default(Value* object) const {
  RoundAmounts(object->At({"spec", "hard"}));
  RoundAmounts(object->At({"status", "hard"}));
  RoundAmounts(object->At({"status", "used"}));
}

api::FieldErrors ResourceQuotaStrategy::ValidateCreate(const registry::StrategyContext& ctx,
                                                       const Value& object) const {
  api::FieldErrors errors = CheckSpec(object);
  if (!errors.empty()) return errors;
  for (auto& warning : QuotaWarnings(Spec(object))) ctx.warnings->push_back(std::move(warning));
  return errors;
}

api::FieldErrors ResourceQuotaStrategy::ValidateUpdate(const registry::StrategyContext& ctx, const Value& object,
                                                       const Value& old) const {
  api::FieldErrors errors;
  if (ctx.subresource == "status") {
    CheckQuotaAmounts(object.At({"status", "hard"}), "status.hard", &errors);
    CheckQuotaAmounts(object.At({"status", "used"}), "status.used", &errors);
    return errors;
  }
  errors = CheckSpec(object);
  if (Scopes(object) != Scopes(old)) {
    const Value* now = object.At({"spec", "scopes"});
    errors.push_back(api::FieldInvalid("spec.scopes", now == nullptr ? Value() : *now, "field is immutable"));
  }
  return errors;
}

}  // namespace atoll::resources
