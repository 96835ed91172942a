#include "shard/registry/patch.h"

#include <utility>

#include "common/api/errors.h"
#include "common/base/strings.h"
#include "common/json/patch.h"

namespace atoll::registry {

namespace {

using json::Value;

constexpr size_t kOperationsMax = 10'000;

const char* GoWord(const Value& v) {
  if (v.is_array()) return "array";
  if (v.is_object()) return "object";
  if (v.is_string()) return "string";
  if (v.is_bool()) return "bool";
  return "number";
}

}  // namespace

absl::Status PatchRejected() {
  json::Object status;
  status.Append("kind", "Status");
  status.Append("apiVersion", "v1");
  status.Append("metadata", Value::MakeObject());
  status.Append("status", "Failure");
  status.Append("message", "the server rejected our request due to an error in our request");
  status.Append("reason", "Invalid");
  status.Append("details", Value::MakeObject());
  status.Append("code", 422);
  return api::FromStatusObject(Value(std::move(status)), 422);
}

absl::Status ApplyJsonPatch(const Value& patch, Value* document) {
  if (!patch.is_array()) {
    return api::BadRequest(StrCat("error decoding patch: json: cannot unmarshal ", GoWord(patch),
                                  " into Go value of type []handlers.jsonPatchOp"));
  }
  if (patch.array().size() > kOperationsMax) {
    return api::RequestEntityTooLarge(
        StrCat("The allowed maximum operations in a JSON patch is ", kOperationsMax, ", got ", patch.array().size()));
  }
  const absl::Status applied = json::ApplyJsonPatch(patch, document);
  if (absl::IsInvalidArgument(applied))
    return api::BadRequest(StrCat("error decoding patch: ", ToStd(applied.message())));
  return applied.ok() && document->is_object() ? absl::OkStatus() : PatchRejected();
}

absl::Status ApplyMergePatch(const Value& patch, Value* document) {
  if (!patch.is_object()) {
    return api::BadRequest(StrCat("error decoding patch: json: cannot unmarshal ", GoWord(patch),
                                  " into Go value of type map[string]interface {}"));
  }
  json::ApplyMergePatch(patch, document);
  return absl::OkStatus();
}

}  // namespace atoll::registry
