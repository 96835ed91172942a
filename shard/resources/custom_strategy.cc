#include "shard/resources/custom_strategy.h"

#include <utility>

#include "common/api/object.h"
#include "common/base/check.h"
#include "common/base/strings.h"
#include "common/schema/load.h"
#include "shard/resources/status_split.h"

namespace atoll::resources {
namespace {

using json::Value;
using Must = TransitionRule::Must;

const Value* Walk(const Value& object, const std::vector<std::string>& path) {
  const Value* at = &object;
  for (const auto& name : path) {
    at = at->Find(name);
    if (at == nullptr) return nullptr;
  }
  return at;
}

bool Same(const Value* a, const Value* b) { return a == nullptr || b == nullptr ? a == b : *a == *b; }

bool Holds(Must must, const Value* now, const Value* before) {
  switch (must) {
    case Must::kStayEqual:
      return Same(now, before);
    case Must::kStayPresent:
      return before == nullptr || now != nullptr;
    case Must::kKeepPresence:
      return (before == nullptr) == (now == nullptr);
    case Must::kStayEqualIfSet:
      return before == nullptr || now == nullptr || *now == *before;
  }
  return true;
}

// As Kubernetes reports a failed rule: objects and lists are not printed.
api::FieldError RuleError(std::string field, const Value& at, std::string_view message) {
  if (at.is_object() || at.is_array())
    return {"FieldValueInvalid", std::move(field), StrCat("Invalid value: ", message)};
  return api::FieldInvalid(std::move(field), at, message);
}

bool IsStatusError(const api::FieldError& e) {
  return e.field == "status" || e.field.starts_with("status.") || e.field.starts_with("status[");
}

}  // namespace

CustomStrategy::CustomStrategy(schema::SchemaPtr schema, Options options)
    : schema_(std::move(schema)), options_(std::move(options)) {}

void CustomStrategy::PrepareForCreate(const registry::StrategyContext& ctx, Value* object) const {
  if (!options_.has_status || !object->is_object()) return;
  object->object().Erase("status");
  schema::ApplyDefaults(*schema_, object);  // what reads will show: a default phase
}

api::FieldErrors CustomStrategy::ValidateCreate(const registry::StrategyContext& ctx, const Value& object) const {
  api::FieldErrors errors = schema::Validate(*schema_, object);
  CheckName(object, &errors);
  return errors;
}

void CustomStrategy::PrepareForUpdate(const registry::StrategyContext& ctx, Value* object, const Value& old) const {
  if (!options_.has_status) return;
  if (ctx.subresource == "status") {
    KeepAllButStatus(object, old);
  } else {
    KeepStatus(object, old);
  }
}

api::FieldErrors CustomStrategy::ValidateUpdate(const registry::StrategyContext& ctx, const Value& object,
                                                const Value& old) const {
  api::FieldErrors errors = schema::ValidateUpdate(*schema_, object, old);
  if (ctx.subresource == "status") {
    std::erase_if(errors, [](const api::FieldError& e) { return !IsStatusError(e); });
    return errors;
  }
  CheckName(object, &errors);
  CheckTransitions(object, old, &errors);
  return errors;
}

bool CustomStrategy::BumpsGeneration(const Value& object, const Value& old) const {
  if (options_.has_status) return registry::Strategy::BumpsGeneration(object, old);
  auto differs = [](const Value& a, const Value& b) {
    for (const auto& [name, member] : a.object()) {
      if (name == "metadata") continue;
      if (!Same(&member, b.Find(name))) return true;
    }
    return false;
  };
  return differs(object, old) || differs(old, object);
}

void CustomStrategy::CheckName(const Value& object, api::FieldErrors* errors) const {
  const Value* name = object.At({"metadata", "name"});
  if (options_.name_schema == nullptr || name == nullptr) return;
  Value wrapped = Value::MakeObject();
  wrapped.Ensure({"metadata", "name"}) = *name;
  for (auto& e : schema::Validate(*options_.name_schema, wrapped)) errors->push_back(std::move(e));
}

void CustomStrategy::CheckTransitions(const Value& object, const Value& old, api::FieldErrors* errors) const {
  for (const TransitionRule& rule : options_.transitions) {
    const Value* now = Walk(object, rule.path);
    const Value* before = Walk(old, rule.path);
    if (now == nullptr || before == nullptr) continue;
    bool holds = rule.child.empty() ? Holds(rule.must, now, before)
                                    : Holds(rule.must, now->Find(rule.child), before->Find(rule.child));
    if (!holds) errors->push_back(RuleError(StrJoin(rule.path, "."), *now, rule.message));
  }
}

namespace {

schema::SchemaPtr NameSchema(Value name_rules) {
  Value root = Value::MakeObject();
  root.Ensure({"properties", "metadata", "properties", "name"}) = std::move(name_rules);
  auto loaded = schema::LoadSchema(root);
  CHECK_OK(loaded);
  return *std::move(loaded);
}

}  // namespace

schema::SchemaPtr WorkspaceNameSchema() {
  return NameSchema(Value(json::Object{
      {"type", "string"}, {"minLength", 1}, {"maxLength", 63}, {"pattern", "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"}}));
}

schema::SchemaPtr FixedNameSchema(std::string_view only) {
  return NameSchema(Value(json::Object{{"type", "string"}, {"enum", json::Array{Value(only)}}}));
}

}  // namespace atoll::resources
