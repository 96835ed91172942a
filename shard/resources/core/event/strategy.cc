#include "shard/resources/core/event/strategy.h"

#include "common/api/object.h"

namespace atoll::resources {
namespace {

using json::Value;

constexpr int64_t kReasonBytesMax = 128, kMessageBytesMax = 1024;

void CheckText(const Value& object, const char* field, bool required, int64_t bytes_max, api::FieldErrors* errors) {
  std::string_view text = object.StringAt({field});
  if (required && text.empty()) errors->push_back(api::FieldRequired(field));
  if (static_cast<int64_t>(text.size()) > bytes_max) errors->push_back(api::FieldTooLong(field, bytes_max));
}

// Cluster-scoped objects are reported in `default` (or nowhere in particular).
void CheckNamespace(const Value& object, api::FieldErrors* errors) {
  std::string_view about = object.StringAt({"involvedObject", "namespace"});
  std::string_view own = api::Namespace(object);
  bool fits = about.empty() ? own.empty() || own == "default" : about == own;
  if (!fits)
    errors->push_back(api::FieldInvalid("involvedObject.namespace", Value(about), "does not match event.namespace"));
}

}  // namespace

api::FieldErrors EventStrategy::ValidateCreate(const registry::StrategyContext& ctx, const Value& object) const {
  api::FieldErrors errors;
  CheckNamespace(object, &errors);
  if (object.StringAt({"eventTime"}).empty()) return errors;
  CheckText(object, "reportingComponent", true, kReasonBytesMax, &errors);
  CheckText(object, "reportingInstance", true, kReasonBytesMax, &errors);
  CheckText(object, "action", true, kReasonBytesMax, &errors);
  CheckText(object, "reason", true, kReasonBytesMax, &errors);
  CheckText(object, "message", false, kMessageBytesMax, &errors);
  std::string_view type = object.StringAt({"type"});
  if (type != "Normal" && type != "Warning")
    errors.push_back(api::FieldInvalid("type", Value(""), "has invalid value: " + std::string(type)));
  return errors;
}

api::FieldErrors EventStrategy::ValidateUpdate(const registry::StrategyContext& ctx, const Value& object,
                                               const Value& old) const {
  return ValidateCreate(ctx, object);
}

}  // namespace atoll::resources
