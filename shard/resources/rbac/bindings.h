// What binds roles to subjects: defaults and checks that RoleBinding and ClusterRoleBinding share. The role a binding
// refers to never changes, because those who may edit subjects need not hold another role's permissions.
#pragma once

#include "shard/registry/definition.h"
#include "shard/registry/strategy.h"

namespace atoll::resources {

class BindingStrategy final : public registry::Strategy {
 public:
  explicit BindingStrategy(bool namespaced) : namespaced_(namespaced) {}
  void Default(json::Value* object) const override;
  api::FieldErrors ValidateCreate(const registry::StrategyContext& ctx, const json::Value& object) const override;
  api::FieldErrors ValidateUpdate(const registry::StrategyContext& ctx, const json::Value& object,
                                  const json::Value& old) const override;
  std::vector<std::string> ValidateName(std::string_view name, bool prefix) const override;

 private:
  const bool namespaced_;
};

// Role, Age and, on wide tables, who is bound.
std::vector<registry::Column> BindingColumns();

}  // namespace atoll::resources
