#include "shard/resources/core/serviceaccount/strategy.h"

#include "common/base/strings.h"

namespace atoll::resources {
namespace {

using json::Value;

constexpr std::string_view kEnforceMountable = "kubernetes.io/enforce-mountable-secrets";

bool EnforcesMountable(const Value& object) {
  return object.At({"metadata", "annotations", kEnforceMountable}) != nullptr;
}

void KeepNamesOfSecrets(Value* object) {
  Value* secrets = object->Find("secrets");
  if (secrets == nullptr || !secrets->is_array()) return;
  for (Value& secret : secrets->array()) {
    Value kept = Value::MakeObject();
    if (std::string_view name = secret.StringAt({"name"}); !name.empty()) kept.object().Append("name", Value(name));
    secret = std::move(kept);
  }
}

void Prepare(const registry::StrategyContext& ctx, const Value* old, Value* object) {
  KeepNamesOfSecrets(object);
  if (!EnforcesMountable(*object) || (old != nullptr && EnforcesMountable(*old))) return;
  ctx.warnings->push_back(
      StrCat("metadata.annotations[", kEnforceMountable,
             "]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets"));
}

}  // namespace

void ServiceAccountStrategy::PrepareForCreate(const registry::StrategyContext& ctx, Value* object) const {
  Prepare(ctx, nullptr, object);
}

void ServiceAccountStrategy::PrepareForUpdate(const registry::StrategyContext& ctx, Value* object,
                                              const Value& old) const {
  Prepare(ctx, &old, object);
}

}  // namespace atoll::resources
