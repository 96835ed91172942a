#include "shard/resources/apiextensions/customresourcedefinition/conditions.h"

#include "common/api/object.h"

namespace atoll::resources {

bool SetDefinitionCondition(json::Value* crd, const DefinitionCondition& condition, absl::Time now) {
  json::Value& conditions = crd->Ensure({"status", "conditions"});
  if (!conditions.is_array()) conditions = json::Value::MakeArray();
  json::Value* found = nullptr;
  for (json::Value& c : conditions.array()) {
    if (c.StringAt({"type"}) == condition.type) found = &c;
  }
  if (found != nullptr && found->StringAt({"status"}) == condition.status &&
      found->StringAt({"reason"}) == condition.reason && found->StringAt({"message"}) == condition.message)
    return false;
  if (found == nullptr) {
    conditions.array().push_back(json::Value::MakeObject());
    found = &conditions.array().back();
  }
  const bool moved = found->StringAt({"status"}) != condition.status;
  found->Ensure({"type"}) = condition.type;
  found->Ensure({"status"}) = condition.status;
  if (moved) found->Ensure({"lastTransitionTime"}) = api::FormatTime(now);
  found->Ensure({"reason"}) = condition.reason;
  found->Ensure({"message"}) = condition.message;
  return true;
}

bool HasDefinitionCondition(const json::Value& crd, std::string_view type) {
  const json::Value* condition = api::FindCondition(crd, type);
  return condition != nullptr && condition->StringAt({"status"}) == "True";
}

}  // namespace atoll::resources
