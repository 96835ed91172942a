#include "shard/resources/core/event/strategy.h"

#include "shard/registry/names.h"
#include "shard/resources/core/event_rules.h"

namespace atoll::resources {

using json::Value;

api::FieldErrors EventStrategy::ValidateCreate(const registry::StrategyContext& ctx, const Value& object) const {
  api::FieldErrors errors;
  CheckEvent(object, "reportingComponent", &errors);
  return errors;
}

api::FieldErrors EventStrategy::ValidateUpdate(const registry::StrategyContext& ctx, const Value& object,
                                               const Value& old) const {
  return ValidateCreate(ctx, object);
}

std::vector<std::string> EventStrategy::ValidateName(std::string_view name, bool prefix) const {
  return registry::CheckPathSegment(name, prefix);
}

}  // namespace atoll::resources
