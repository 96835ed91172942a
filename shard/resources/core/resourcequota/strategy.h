// ResourceQuota: limits are not negative; usage is the server's to write.
#pragma once

#include "shard/resources/status_split.h"

namespace atoll::resources {

class ResourceQuotaStrategy final : public StatusSplitStrategy {
 public:
  api::FieldErrors ValidateCreate(const registry::StrategyContext& ctx, const json::Value& object) const override;
  api::FieldErrors ValidateUpdate(const registry::StrategyContext& ctx, const json::Value& object,
                                  const json::Value& old) const override;
};

}  // namespace atoll::resources
