// ConfigMap: keys are file names, the whole is bounded, and an immutable one stays as it is.
#pragma once

#include "shard/registry/strategy.h"

namespace atoll::resources {

class ConfigMapStrategy final : public registry::Strategy {
 public:
  api::FieldErrors ValidateCreate(const registry::StrategyContext& ctx, const json::Value& object) const override;
  api::FieldErrors ValidateUpdate(const registry::StrategyContext& ctx, const json::Value& object,
                                  const json::Value& old) const override;
};

}  // namespace atoll::resources
