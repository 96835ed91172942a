#include "shard/resources/apiextensions/customresourcedefinition/strategy.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "common/api/object.h"
#include "common/base/strings.h"
#include "shard/resources/apiextensions/customresourcedefinition/conditions.h"
#include "shard/resources/apiextensions/customresourcedefinition/validation.h"
#include "shard/resources/status_split.h"

namespace atoll::resources {
namespace {

using json::Value;

// The version that objects are stored in is remembered, so that nobody takes it away while some are.
void NoteStorageVersion(Value* crd) {
  const Value* versions = crd->At({"spec", "versions"});
  if (versions == nullptr || !versions->is_array()) return;
  for (const Value& version : versions->array()) {
    if (!version.BoolAt({"storage"})) continue;
    Value& stored = EnsureObject("status", crd).object()["storedVersions"];
    if (!stored.is_array()) stored = Value::MakeArray();
    const Value name(version.StringAt({"name"}));
    if (std::find(stored.array().begin(), stored.array().end(), name) == stored.array().end())
      stored.array().push_back(name);
    return;
  }
}

}  // namespace

void CustomResourceDefinitionStrategy::Default(Value* object) const {
  Value* spec = object->Find("spec");
  if (spec == nullptr || !spec->is_object()) return;
  if (Value* names = spec->Find("names"); names != nullptr && names->is_object()) {
    const std::string kind(names->StringAt({"kind"}));
    if (names->StringAt({"singular"}).empty()) names->object().Set("singular", absl::AsciiStrToLower(kind));
    if (names->StringAt({"listKind"}).empty() && !kind.empty()) names->object().Set("listKind", StrCat(kind, "List"));
  }
  if (spec->StringAt({"conversion", "strategy"}).empty()) spec->Ensure({"conversion", "strategy"}) = "None";
  if (Value* service = spec->At({"conversion", "webhook", "clientConfig", "service"});
      service != nullptr && service->is_object() && service->Find("port") == nullptr) {
    service->object().Set("port", 443);
  }
}

void CustomResourceDefinitionStrategy::PrepareForCreate(const registry::StrategyContext& ctx, Value* object) const {
  // As Kubernetes writes a status that nobody has set.
  object->object().Set("status", Value(json::Object{{"conditions", nullptr},
                                                    {"acceptedNames", json::Object{{"plural", ""}, {"kind", ""}}}}));
  NoteStorageVersion(object);
}

api::FieldErrors CustomResourceDefinitionStrategy::ValidateCreate(const registry::StrategyContext& ctx,
                                                                  const Value& object) const {
  for (const std::string& format : UnknownFormatsOf(object))
    ctx.warnings->push_back(StrCat("unrecognized format ", api::GoQuote(format)));
  return ValidateDefinition(object);
}

void CustomResourceDefinitionStrategy::PrepareForUpdate(const registry::StrategyContext& ctx, Value* object,
                                                        const Value& old) const {
  if (ctx.subresource == "status") {
    KeepMember("spec", object, old);
    return;
  }
  KeepStatus(object, old);
  NoteStorageVersion(object);
}

api::FieldErrors CustomResourceDefinitionStrategy::ValidateUpdate(const registry::StrategyContext& ctx,
                                                                  const Value& object, const Value& old) const {
  if (ctx.subresource == "status") return ValidateDefinitionStatus(object);
  const Value *spec = object.Find("spec"), *before = old.Find("spec");
  if (spec != nullptr && before != nullptr && !(*spec == *before)) {
    const auto known = UnknownFormatsOf(old);
    for (const std::string& format : UnknownFormatsOf(object)) {
      if (std::find(known.begin(), known.end(), format) == known.end())
        ctx.warnings->push_back(StrCat("unrecognized format ", api::GoQuote(format)));
    }
  }
  return ValidateDefinitionUpdate(object, old);
}

void CustomResourceDefinitionStrategy::PrepareForDelete(Value* object) const {
  object->Remove({"metadata", "deletionGracePeriodSeconds"});
  api::AddFinalizer(object, kCleanupFinalizer);
  SetDefinitionCondition(
      object,
      {"Terminating", "True", "InstanceDeletionPending",
       "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon"},
      api::ParseTime(object->StringAt({"metadata", "deletionTimestamp"})).value_or(absl::UnixEpoch()));
}

}  // namespace atoll::resources
