// Event (events.k8s.io): eventTime is required, what only old reporters set is refused, and after creation only the
// series moves.
#pragma once

#include "shard/registry/strategy.h"

namespace atoll::resources {

class EventsEventStrategy final : public registry::Strategy {
 public:
  api::FieldErrors ValidateCreate(const registry::StrategyContext& ctx, const json::Value& object) const override;
  api::FieldErrors ValidateUpdate(const registry::StrategyContext& ctx, const json::Value& object,
                                  const json::Value& old) const override;
};

}  // namespace atoll::resources
