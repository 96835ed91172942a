// CustomResourceDefinitions: defaults, what an update keeps, validation, and a deletion that waits for the instances
// (spec/api-machinery.md 7.1, 7.2, 7.7). Who sets the status is the controller.
#pragma once

#include "shard/registry/strategy.h"

namespace atoll::resources {

class CustomResourceDefinitionStrategy final : public registry::Strategy {
 public:
  void Default(json::Value* object) const override;
  void PrepareForCreate(const registry::StrategyContext& ctx, json::Value* object) const override;
  api::FieldErrors ValidateCreate(const registry::StrategyContext& ctx, const json::Value& object) const override;
  void PrepareForUpdate(const registry::StrategyContext& ctx, json::Value* object,
                        const json::Value& old) const override;
  api::FieldErrors ValidateUpdate(const registry::StrategyContext& ctx, const json::Value& object,
                                  const json::Value& old) const override;
  void PrepareForDelete(json::Value* object) const override;
  bool IsMarkedFirst() const override { return true; }
};

}  // namespace atoll::resources
