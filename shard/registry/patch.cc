#include "shard/registry/patch.h"

#include <utility>

#include "common/api/errors.h"
#include "common/base/strings.h"
#include "common/json/patch.h"
#include "common/json/write.h"

namespace atoll::registry {

namespace {

using json::Value;

constexpr size_t kOperationsMax = 10'000;
// What Kubernetes first reads of any object.
constexpr std::string_view kTypeMeta =
    R"( into Go value of type struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string )"
    R"("json:\"kind,omitempty\"" })";

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
  if (!applied.ok()) return PatchRejected();
  if (document->is_object()) return absl::OkStatus();
  return api::Invalid({}, "",
                      {api::FieldInvalid("patch", Value(json::Write(*document)),
                                         StrCat("couldn't get version/kind; json parse error: json: cannot unmarshal ",
                                                GoWord(*document), kTypeMeta))});
}

std::vector<std::string> UnknownOperationMembers(const Value& patch) {
  std::vector<std::string> out;
  if (!patch.is_array()) return out;
  for (size_t i = 0; i < patch.array().size(); ++i) {
    if (!patch.array()[i].is_object()) continue;
    for (const auto& [name, value] : patch.array()[i].object()) {
      if (name == "op" || name == "path" || name == "from" || name == "value") continue;
      out.push_back(StrCat("json patch unknown field ", api::GoQuote(StrCat("[", i, "].", name))));
    }
  }
  return out;
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
