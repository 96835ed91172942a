// Secret: stringData is folded into data, the type decides which keys must be there, and it never changes.
#pragma once

#include "shard/registry/strategy.h"

namespace atoll::resources {

class SecretStrategy final : public registry::Strategy {
 public:
  void Default(json::Value* object) const override;
  api::FieldErrors ValidateCreate(const registry::StrategyContext& ctx, const json::Value& object) const override;
  api::FieldErrors ValidateUpdate(const registry::StrategyContext& ctx, const json::Value& object,
                                  const json::Value& old) const override;
};

}  // namespace atoll::resources
