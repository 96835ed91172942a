#include "shard/dynamic/strategy.h"

#include <limits>

#include "common/base/strings.h"
#include "shard/registry/embedded.h"
#include "shard/registry/scale.h"

namespace atoll::dynamic {
namespace {

using api::FieldErrors;
using json::Value;

void Append(FieldErrors more, FieldErrors* errors) {
  for (auto& e : more) errors->push_back(std::move(e));
}

void CheckReplicas(const registry::ScalePaths::Place& place, const Value& object, FieldErrors* errors) {
  const Value* found = registry::AtPlace(object, place);
  if (found == nullptr) return;
  if (!found->is_int()) {
    errors->push_back(api::FieldInvalid(
        place.text, 0, StrCat(place.text, " accessor error: ", registry::PrintedPlace(*found), ", expected int64")));
  } else if (found->int_value() < 0) {
    errors->push_back(api::FieldInvalid(place.text, *found, "should be a non-negative integer"));
  } else if (found->int_value() > std::numeric_limits<int32_t>::max()) {
    errors->push_back(api::FieldInvalid(
        place.text, *found, StrCat("should be less than or equal to ", std::numeric_limits<int32_t>::max())));
  }
}

}  // namespace

void CheckScale(const registry::ScalePaths& scale, const Value& object, bool status_only, FieldErrors* errors) {
  if (!status_only) CheckReplicas(scale.spec_replicas, object, errors);
  CheckReplicas(scale.status_replicas, object, errors);
  if (scale.selector.path.empty()) return;
  if (const Value* found = registry::AtPlace(object, scale.selector); found != nullptr && !found->is_string()) {
    errors->push_back(api::FieldInvalid(
        scale.selector.text, "",
        StrCat(scale.selector.text, " accessor error: ", registry::PrintedPlace(*found), ", expected string")));
  }
}

FieldErrors CustomResourceStrategy::ValidateCreate(const registry::StrategyContext& ctx, const Value& object) const {
  FieldErrors errors = schema::Validate(*schema_, object);
  if (options_.scale != nullptr) CheckScale(*options_.scale, object, false, &errors);
  Append(registry::ValidateEmbedded(*schema_, object), &errors);
  JudgeByRules(ctx, object, nullptr, &errors);
  return errors;
}

FieldErrors CustomResourceStrategy::ValidateUpdate(const registry::StrategyContext& ctx, const Value& object,
                                                   const Value& old) const {
  FieldErrors errors;
  if (ctx.subresource == "status") {
    const schema::Schema* of_status = schema_->Property("status");
    const Value *now = object.Find("status"), *before = old.Find("status");
    static const Value* const none = new Value();
    if (of_status != nullptr && now != nullptr) {
      for (auto& e : schema::ValidateUpdate(*of_status, *now, before == nullptr ? *none : *before)) {
        if (e.field == "<nil>" || e.field.empty()) {
          e.field = "status";
        } else {
          e.field = StrCat("status", e.field.starts_with('[') ? "" : ".", e.field);
        }
        errors.push_back(std::move(e));
      }
    }
  } else {
    errors = schema::ValidateUpdate(*schema_, object, old);
  }
  if (options_.scale != nullptr) CheckScale(*options_.scale, object, ctx.subresource == "status", &errors);
  Append(registry::ValidateEmbedded(*schema_, object), &errors);
  JudgeByRules(ctx, object, &old, &errors);
  return errors;
}

void CustomResourceStrategy::JudgeByRules(const registry::StrategyContext& ctx, const Value& object, const Value* old,
                                          FieldErrors* errors) const {
  if (options_.rules == nullptr || rules::SkipRules(errors)) return;
  options_.rules->Judge(object, old, errors, ctx.warnings);
}

}  // namespace atoll::dynamic
