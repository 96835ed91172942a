// Namespace: carries its own name as a label and the finalizer that holds it until its content is gone; its phase is
// the server's.
#pragma once

#include "shard/registry/strategy.h"

namespace atoll::resources {

class NamespaceStrategy final : public registry::Strategy {
 public:
  void Default(json::Value* object) const override;
  void PrepareForCreate(const registry::StrategyContext& ctx, json::Value* object) const override;
  api::FieldErrors ValidateCreate(const registry::StrategyContext& ctx, const json::Value& object) const override;
  // Main resource: spec and status stay. "status": spec stays. "finalize": only spec.finalizers changes.
  void PrepareForUpdate(const registry::StrategyContext& ctx, json::Value* object,
                        const json::Value& old) const override;
  api::FieldErrors ValidateUpdate(const registry::StrategyContext& ctx, const json::Value& object,
                                  const json::Value& old) const override;
  // Terminating until the namespace controller has emptied it and taken away spec.finalizers.
  void PrepareForDelete(json::Value* object) const override;
  bool HoldsDeletion(const json::Value& object) const override;
  bool IsMarkedFirst() const override { return true; }
  std::vector<std::string> ValidateName(std::string_view name, bool prefix) const override;
};

}  // namespace atoll::resources
