// ResourceQuota: bounds are amounts of known things, scopes fit them and stay; usage is the server's to write.
#pragma once

#include "shard/resources/status_split.h"

namespace atoll::resources {

class ResourceQuotaStrategy final : public StatusSplitStrategy {
 public:
  // Amounts are stored as they print.
  void Default(json::Value* object) const override;
  void PrepareForCreate(const registry::StrategyContext& ctx, json::Value* object) const override;
  api::FieldErrors ValidateCreate(const registry::StrategyContext& ctx, const json::Value& object) const override;
  api::FieldErrors ValidateUpdate(const registry::StrategyContext& ctx, const json::Value& object,
                                  const json::Value& old) const override;
};

}  // namespace atoll::resources
