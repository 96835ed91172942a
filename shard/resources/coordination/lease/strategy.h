// Lease: durations are positive, transitions are counted up from zero.
#pragma once

#include "shard/registry/strategy.h"

namespace atoll::resources {

class LeaseStrategy final : public registry::Strategy {
 public:
  void PrepareForCreate(const registry::StrategyContext& ctx, json::Value* object) const override;
  void PrepareForUpdate(const registry::StrategyContext& ctx, json::Value* object,
                        const json::Value& old) const override;
  api::FieldErrors ValidateCreate(const registry::StrategyContext& ctx, const json::Value& object) const override;
  api::FieldErrors ValidateUpdate(const registry::StrategyContext& ctx, const json::Value& object,
                                  const json::Value& old) const override;
};

}  // namespace atoll::resources
