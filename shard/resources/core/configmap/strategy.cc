#include "shard/resources/core/configmap/strategy.h"

#include "common/base/strings.h"
#include "shard/resources/core/keyed_data.h"

namespace atoll::resources {

using json::Value;

api::FieldErrors ConfigMapStrategy::ValidateCreate(const registry::StrategyContext& ctx, const Value& object) const {
  api::FieldErrors errors;
  const Value* data = object.Find("data");
  const Value* binary = object.Find("binaryData");
  CheckDataKeys("data", data, &errors);
  CheckDataKeys("binaryData", binary, &errors);
  if (data != nullptr && binary != nullptr && data->is_object()) {
    for (const auto& [key, unused] : data->object()) {
      if (binary->Find(key) == nullptr) continue;
      errors.push_back(
          api::FieldInvalid(StrCat("data[", key, "]"), Value(key), "duplicate of key present in binaryData"));
    }
  }
  if (DataBytes(data, /*base64=*/false) + DataBytes(binary, /*base64=*/true) > kDataBytesMax) {
    errors.push_back(api::FieldTooLong("[]", kDataBytesMax));
  }
  return errors;
}

api::FieldErrors ConfigMapStrategy::ValidateUpdate(const registry::StrategyContext& ctx, const Value& object,
                                                   const Value& old) const {
  api::FieldErrors errors;
  CheckImmutableData(object, old, {"data", "binaryData"}, &errors);
  for (auto& e : ValidateCreate(ctx, object)) errors.push_back(std::move(e));
  return errors;
}

}  // namespace atoll::resources
