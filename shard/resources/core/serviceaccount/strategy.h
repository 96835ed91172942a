// ServiceAccount: of the secrets it refers to only the names are kept.
#pragma once

#include "shard/registry/strategy.h"

namespace atoll::resources {

class ServiceAccountStrategy final : public registry::Strategy {
 public:
  void PrepareForCreate(const registry::StrategyContext& ctx, json::Value* object) const override;
  void PrepareForUpdate(const registry::StrategyContext& ctx, json::Value* object,
                        const json::Value& old) const override;
};

}  // namespace atoll::resources
