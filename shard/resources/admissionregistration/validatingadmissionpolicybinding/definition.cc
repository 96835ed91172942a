// Puts an admission policy to work. Described and listed; not yet evaluated.
#include <utility>

#include "common/base/strings.h"
#include "shard/resources/all.h"
#include "shard/resources/build.h"
#include "shard/resources/columns.h"
#include "shard/resources/refused_strategy.h"

namespace atoll::resources {
namespace {

using json::Value;

Value ParamRef(const Value& object) {
  const Value* ref = object.At({"spec", "paramRef"});
  if (ref == nullptr || ref->StringAt({"name"}).empty()) return Value("<unset>");
  std::string_view ns = ref->StringAt({"namespace"});
  return Value(StrCat(ns.empty() ? "*" : ns, "/", ref->StringAt({"name"})));
}

}  // namespace

DefinitionPtr ValidatingAdmissionPolicyBindingResource() {
  registry::ResourceDefinition d = Typed({"admissionregistration.k8s.io", "v1", "validatingadmissionpolicybindings"},
                                         "ValidatingAdmissionPolicyBinding", registry::Scope::kCluster);
  d.categories = {"api-extensions"};
  d.unconditional_update = false;
  d.has_generation = true;
  d.columns = {Text("PolicyName", {"spec", "policyName"}), Computed("ParamRef", "string", ParamRef), Age()};
  d.strategy = std::make_shared<RefusedStrategy>("spec", "admission policies are not evaluated by this version");
  d.storage_version_hash = "JOV69qiJP9o=";
  return Done(std::move(d));
}

}  // namespace atoll::resources
