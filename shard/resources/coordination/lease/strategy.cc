#include "shard/resources/coordination/lease/strategy.h"

namespace atoll::resources {

using json::Value;

// Coordinated leader election is not served: what belongs to it is kept only where it is already.
void LeaseStrategy::PrepareForCreate(const registry::StrategyContext& ctx, Value* object) const {
  object->Remove({"spec", "strategy"});
  object->Remove({"spec", "preferredHolder"});
}

void LeaseStrategy::PrepareForUpdate(const registry::StrategyContext& ctx, Value* object, const Value& old) const {
  for (std::string_view member : {"strategy", "preferredHolder"}) {
    if (old.At({"spec", member}) == nullptr) object->Remove({"spec", member});
  }
}

api::FieldErrors LeaseStrategy::ValidateCreate(const registry::StrategyContext& ctx, const Value& object) const {
  api::FieldErrors errors;
  if (const Value* seconds = object.At({"spec", "leaseDurationSeconds"}); seconds != nullptr && seconds->is_int()) {
    if (seconds->int_value() <= 0) {
      errors.push_back(api::FieldInvalid("spec.leaseDurationSeconds", *seconds, "must be greater than 0"));
    }
  }
  if (const Value* transitions = object.At({"spec", "leaseTransitions"});
      transitions != nullptr && transitions->is_int()) {
    if (transitions->int_value() < 0) {
      errors.push_back(api::FieldInvalid("spec.leaseTransitions", *transitions, "must be greater than or equal to 0"));
    }
  }
  return errors;
}

api::FieldErrors LeaseStrategy::ValidateUpdate(const registry::StrategyContext& ctx, const Value& object,
                                               const Value& old) const {
  return ValidateCreate(ctx, object);
}

}  // namespace atoll::resources
