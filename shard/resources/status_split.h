// Spec and status are written through different doors: the main resource keeps the old status, the status subresource
// everything else.
#pragma once

#include "common/json/value.h"
#include "shard/registry/strategy.h"

namespace atoll::resources {

// The member `name` of `object` becomes what it is in `old`; absent when it is absent there.
void KeepMember(std::string_view name, json::Value* object, const json::Value& old);
inline void KeepStatus(json::Value* object, const json::Value& old) { KeepMember("status", object, old); }
// The object at `name`, made when it is missing or null.
json::Value& EnsureObject(std::string_view name, json::Value* object);
// `object` becomes `old` with its own status, managedFields and resourceVersion.
void KeepAllButStatus(json::Value* object, const json::Value& old);

// The strategy of compiled-in types with a status and nothing else.
class StatusSplitStrategy : public registry::Strategy {
 public:
  void PrepareForCreate(const registry::StrategyContext& ctx, json::Value* object) const override;
  void PrepareForUpdate(const registry::StrategyContext& ctx, json::Value* object,
                        const json::Value& old) const override;
};

}  // namespace atoll::resources
