// What roles may say (spec/api-machinery.md 9.7): the checks that Role and ClusterRole share.
#pragma once

#include "shard/registry/strategy.h"

namespace atoll::resources {

// Role and ClusterRole. Names are path segments, so `system:foo` is one.
class RoleStrategy final : public registry::Strategy {
 public:
  explicit RoleStrategy(bool namespaced) : namespaced_(namespaced) {}
  api::FieldErrors ValidateCreate(const registry::StrategyContext& ctx, const json::Value& object) const override;
  api::FieldErrors ValidateUpdate(const registry::StrategyContext& ctx, const json::Value& object,
                                  const json::Value& old) const override;
  std::vector<std::string> ValidateName(std::string_view name, bool prefix) const override;

 private:
  const bool namespaced_;
};

}  // namespace atoll::resources
