// Rules in CEL that judge objects on their way in. Described and listed; not yet evaluated.
#include <utility>

#include "common/base/strings.h"
#include "shard/resources/all.h"
#include "shard/resources/build.h"
#include "shard/resources/columns.h"
#include "shard/resources/refused_strategy.h"

namespace atoll::resources {
namespace {

using json::Value;

Value Length(const Value& object, std::initializer_list<std::string_view> path) {
  const Value* list = object.At(path);
  return Value(list != nullptr && list->is_array() ? static_cast<int64_t>(list->array().size()) : int64_t{0});
}

Value ParamKind(const Value& object) {
  const Value* kind = object.At({"spec", "paramKind"});
  return kind == nullptr ? Value("<unset>")
                         : Value(StrCat(kind->StringAt({"apiVersion"}), "/", kind->StringAt({"kind"})));
}

}  // namespace

DefinitionPtr ValidatingAdmissionPolicyResource() {
  registry::ResourceDefinition d = Typed({"admissionregistration.k8s.io", "v1", "validatingadmissionpolicies"},
                                         "ValidatingAdmissionPolicy", registry::Scope::kCluster);
  d.categories = {"api-extensions"};
  d.subresources = {StatusSubresource()};
  d.unconditional_update = false;
  d.has_generation = true;
  d.columns = {Computed("Validations", "integer", [](const Value& o) { return Length(o, {"spec", "validations"}); }),
               Computed("ParamKind", "string", ParamKind), Age()};
  d.strategy = std::make_shared<RefusedStrategy>("spec", "admission policies are not evaluated by this version");
  d.storage_version_hash = "d/uKgE8IEDM=";
  return Done(std::move(d));
}

}  // namespace atoll::resources
