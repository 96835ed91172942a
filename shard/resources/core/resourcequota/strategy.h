// ResourceQuota: what is bounded is known and countable (rules.h); scopes never change; usage is the server's to write.
#pragma once

#include "shard/resources/status_split.h"

namespace atoll::resources {

class ResourceQuotaStrategy final : public StatusSplitStrategy {
 public:
  void Default(json::Value* object) const override;
  api::FieldErrors ValidateCreate(const registry::StrategyContext& ctx, const json::Value& object) const override;
  api::FieldErrors ValidateUpdate(const registry::StrategyContext& ctx, const json::Value& object,
                                  const json::Value& old) const override;
};

}  // namespace atoll::resources
