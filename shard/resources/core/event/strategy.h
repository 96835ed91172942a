// Event (core): lax for old reporters, strict for those that set eventTime; always about an object of its own
// namespace.
#pragma once

#include "shard/registry/strategy.h"

namespace atoll::resources {

class EventStrategy final : public registry::Strategy {
 public:
  api::FieldErrors ValidateCreate(const registry::StrategyContext& ctx, const json::Value& object) const override;
  api::FieldErrors ValidateUpdate(const registry::StrategyContext& ctx, const json::Value& object,
                                  const json::Value& old) const override;
  std::vector<std::string> ValidateName(std::string_view name, bool prefix) const override;
};

}  // namespace atoll::resources
