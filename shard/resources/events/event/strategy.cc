#include "shard/resources/events/event/strategy.h"

#include "common/base/strings.h"

namespace atoll::resources {
namespace {

using json::Value;

constexpr int64_t kReasonBytesMax = 128, kNoteBytesMax = 1024;
constexpr std::string_view kImmutable[] = {
    "regarding",           "related",          "reason", "action", "note", "type", "eventTime",
    "reportingController", "reportingInstance"};

bool IsSet(const Value* v) {
  if (v == nullptr || v->is_null()) return false;
  if (v->is_object()) return !v->object().empty();
  if (v->is_string()) return !v->string().empty();
  return !v->is_int() || v->int_value() != 0;
}

void CheckText(const Value& object, const char* field, bool required, int64_t bytes_max, api::FieldErrors* errors) {
  std::string_view text = object.StringAt({field});
  if (required && text.empty()) errors->push_back(api::FieldRequired(field));
  if (static_cast<int64_t>(text.size()) > bytes_max) errors->push_back(api::FieldTooLong(field, bytes_max));
}

}  // namespace

api::FieldErrors EventsEventStrategy::ValidateCreate(const registry::StrategyContext& ctx, const Value& object) const {
  api::FieldErrors errors;
  if (object.StringAt({"eventTime"}).empty()) errors.push_back(api::FieldRequired("eventTime"));
  CheckText(object, "reportingController", true, kReasonBytesMax, &errors);
  CheckText(object, "reportingInstance", true, kReasonBytesMax, &errors);
  CheckText(object, "action", true, kReasonBytesMax, &errors);
  CheckText(object, "reason", true, kReasonBytesMax, &errors);
  CheckText(object, "note", false, kNoteBytesMax, &errors);
  std::string_view type = object.StringAt({"type"});
  if (type != "Normal" && type != "Warning")
    errors.push_back(api::FieldInvalid("type", Value(""), StrCat("has invalid value: ", type)));
  for (const char* field :
       {"deprecatedFirstTimestamp", "deprecatedLastTimestamp", "deprecatedCount", "deprecatedSource"}) {
    if (const Value* v = object.Find(field); IsSet(v))
      errors.push_back(api::FieldInvalid(field, *v, "needs to be unset"));
  }
  return errors;
}

api::FieldErrors EventsEventStrategy::ValidateUpdate(const registry::StrategyContext& ctx, const Value& object,
                                                     const Value& old) const {
  api::FieldErrors errors;
  for (std::string_view field : kImmutable) {
    const Value* now = object.Find(field);
    const Value* before = old.Find(field);
    bool same = !IsSet(now) || !IsSet(before) ? IsSet(now) == IsSet(before) : *now == *before;
    if (!same)
      errors.push_back(api::FieldInvalid(std::string(field), now == nullptr ? Value() : *now, "field is immutable"));
  }
  return errors;
}

}  // namespace atoll::resources
