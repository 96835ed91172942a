#include "shard/resources/core/namespace/strategy.h"

#include "common/api/object.h"
#include "common/api/validation.h"
#include "common/base/strings.h"
#include "shard/registry/names.h"
#include "shard/resources/status_split.h"

namespace atoll::resources {
namespace {

using json::Value;

constexpr std::string_view kNameLabel = "kubernetes.io/metadata.name";
constexpr std::string_view kFinalizer = "kubernetes";

// Finalizing names the one that is wrong by its place, creating does not.
void CheckFinalizers(const Value& object, bool by_index, api::FieldErrors* errors) {
  const Value* list = object.At({"spec", "finalizers"});
  if (list == nullptr || !list->is_array()) return;
  size_t i = 0;
  for (const Value& f : list->array()) {
    const std::string field = by_index ? StrCat("spec.finalizers[", i, "]") : "spec.finalizers";
    ++i;
    for (const auto& why : api::CheckQualifiedName(f.StringOr())) errors->push_back(api::FieldInvalid(field, f, why));
    if (f.StringOr() != kFinalizer && f.StringOr().find('/') == std::string_view::npos) {
      errors->push_back(
          api::FieldInvalid(field, f, "name is neither a standard finalizer name nor is it fully qualified"));
    }
  }
}

}  // namespace

void NamespaceStrategy::Default(Value* object) const {
  std::string name(api::Name(*object));
  if (!name.empty()) api::SetLabel(object, kNameLabel, name);
}

void NamespaceStrategy::PrepareForCreate(const registry::StrategyContext& ctx, Value* object) const {
  Default(object);  // the name may have been generated since
  Value& list = EnsureObject("spec", object).object()["finalizers"];
  if (!list.is_array()) list = Value::MakeArray();
  bool have = false;
  for (const Value& f : list.array()) have = have || f.StringOr() == kFinalizer;
  if (!have) list.array().emplace_back(kFinalizer);
  object->object().Set("status", Value(json::Object{{"phase", "Active"}}));
}

api::FieldErrors NamespaceStrategy::ValidateCreate(const registry::StrategyContext& ctx, const Value& object) const {
  api::FieldErrors errors;
  CheckFinalizers(object, /*by_index=*/false, &errors);
  return errors;
}

void NamespaceStrategy::PrepareForUpdate(const registry::StrategyContext& ctx, Value* object, const Value& old) const {
  if (ctx.subresource == "status") {
    KeepMember("spec", object, old);
  } else if (ctx.subresource == "finalize") {
    KeepMember("status", object, old);
  } else {
    KeepMember("spec", object, old);
    KeepMember("status", object, old);
  }
}

api::FieldErrors NamespaceStrategy::ValidateUpdate(const registry::StrategyContext& ctx, const Value& object,
                                                   const Value& old) const {
  api::FieldErrors errors;
  if (ctx.subresource == "finalize") CheckFinalizers(object, /*by_index=*/true, &errors);
  if (ctx.subresource != "status") return errors;
  const Value* phase = object.At({"status", "phase"});
  std::string_view text = phase == nullptr ? "" : phase->StringOr();
  if (text.empty()) return errors;
  if (!api::IsDeleting(object) && text != "Active") {
    errors.push_back(
        api::FieldInvalid("status.Phase", Value(text), "may only be 'Active' if `deletionTimestamp` is empty"));
  } else if (api::IsDeleting(object) && text != "Terminating") {
    errors.push_back(api::FieldInvalid("status.Phase", Value(text),
                                       "may only be 'Terminating' if `deletionTimestamp` is not empty"));
  }
  return errors;
}

void NamespaceStrategy::PrepareForDelete(Value* object) const {
  EnsureObject("status", object).object().Set("phase", Value("Terminating"));
  object->Remove({"metadata", "deletionGracePeriodSeconds"});  // alone among all types
}

bool NamespaceStrategy::HoldsDeletion(const Value& object) const {
  const Value* list = object.At({"spec", "finalizers"});
  return list != nullptr && list->is_array() && !list->array().empty();
}

std::vector<std::string> NamespaceStrategy::ValidateName(std::string_view name, bool prefix) const {
  return registry::CheckDnsLabel(name, prefix);
}

}  // namespace atoll::resources
