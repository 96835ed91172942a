#include "shard/resources/core/resourcequota/strategy.h"

#include "common/base/strings.h"

namespace atoll::resources {

using json::Value;

api::FieldErrors ResourceQuotaStrategy::ValidateCreate(const registry::StrategyContext& ctx,
                                                       const Value& object) const {
  api::FieldErrors errors;
  const Value* hard = object.At({"spec", "hard"});
  if (hard == nullptr || !hard->is_object()) return errors;
  for (const auto& [resource, limit] : hard->object()) {
    bool negative = limit.is_number() ? limit.number_value() < 0 : limit.StringOr().starts_with('-');
    if (!negative) continue;
    errors.push_back(
        api::FieldInvalid(StrCat("spec.hard[", resource, "]"), limit, "must be greater than or equal to 0"));
  }
  return errors;
}

api::FieldErrors ResourceQuotaStrategy::ValidateUpdate(const registry::StrategyContext& ctx, const Value& object,
                                                       const Value& old) const {
  return ctx.subresource == "status" ? api::FieldErrors{} : ValidateCreate(ctx, object);
}

}  // namespace atoll::resources
