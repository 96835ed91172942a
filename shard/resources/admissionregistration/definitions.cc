// Admission webhooks and policies: described, listed and read. They cannot be created, because nothing calls or
// evaluates them: storing one would mislead whoever relies on it.
#include <string>
#include <string_view>
#include <utility>

#include "common/base/strings.h"
#include "shard/resources/all.h"
#include "shard/resources/build.h"
#include "shard/resources/columns.h"
#include "shard/resources/refused_strategy.h"

namespace atoll::resources {
namespace {

using json::Value;

registry::Column Length(std::string name, std::vector<std::string_view> path) {
  auto cell = [path = std::move(path)](const Value& object) {
    const Value* at = &object;
    for (std::string_view step : path) at = at == nullptr ? nullptr : at->Find(step);
    return Value(at != nullptr && at->is_array() ? static_cast<int64_t>(at->array().size()) : int64_t{0});
  };
  return Computed(std::move(name), "integer", std::move(cell));
}

Value ParamKind(const Value& object) {
  const Value* kind = object.At({"spec", "paramKind"});
  return kind == nullptr ? Value("<unset>")
                         : Value(StrCat(kind->StringAt({"apiVersion"}), "/", kind->StringAt({"kind"})));
}

Value ParamRef(const Value& object) {
  const Value* ref = object.At({"spec", "paramRef"});
  if (ref == nullptr || ref->StringAt({"name"}).empty()) return Value("<unset>");
  std::string_view ns = ref->StringAt({"namespace"});
  return Value(StrCat(ns.empty() ? "*" : ns, "/", ref->StringAt({"name"})));
}

// What all of the group have in common.
registry::ResourceDefinition Refused(std::string resource, std::string kind, std::string hash, std::string field,
                                     std::string why) {
  registry::ResourceDefinition d =
      Typed({"admissionregistration.k8s.io", "v1", std::move(resource)}, std::move(kind), registry::Scope::kCluster);
  d.categories = {"api-extensions"};
  d.unconditional_update = false;
  d.has_generation = true;
  d.strategy = std::make_shared<RefusedStrategy>(std::move(field), std::move(why));
  d.storage_version_hash = std::move(hash);
  return d;
}

DefinitionPtr Webhooks(std::string resource, std::string kind, std::string hash) {
  registry::ResourceDefinition d = Refused(std::move(resource), std::move(kind), std::move(hash), "webhooks",
                                           "admission webhooks are not called by this version");
  d.columns = {Length("Webhooks", {"webhooks"}), Age()};
  return Done(std::move(d));
}

registry::ResourceDefinition PolicyPart(std::string resource, std::string kind, std::string hash) {
  return Refused(std::move(resource), std::move(kind), std::move(hash), "spec",
                 "admission policies are not evaluated by this version");
}

DefinitionPtr Binding(std::string resource, std::string kind, std::string hash) {
  registry::ResourceDefinition d = PolicyPart(std::move(resource), std::move(kind), std::move(hash));
  d.columns = {Text("PolicyName", {"spec", "policyName"}), Computed("ParamRef", "string", ParamRef), Age()};
  return Done(std::move(d));
}

}  // namespace

DefinitionPtr MutatingWebhookConfigurationResource() {
  return Webhooks("mutatingwebhookconfigurations", "MutatingWebhookConfiguration", "nS8Hvd/tfaU=");
}

DefinitionPtr ValidatingWebhookConfigurationResource() {
  return Webhooks("validatingwebhookconfigurations", "ValidatingWebhookConfiguration", "YYJqJUOYU9U=");
}

DefinitionPtr ValidatingAdmissionPolicyResource() {
  registry::ResourceDefinition d =
      PolicyPart("validatingadmissionpolicies", "ValidatingAdmissionPolicy", "d/uKgE8IEDM=");
  d.subresources = {StatusSubresource()};
  d.columns = {Length("Validations", {"spec", "validations"}), Computed("ParamKind", "string", ParamKind), Age()};
  return Done(std::move(d));
}

DefinitionPtr MutatingAdmissionPolicyResource() {
  registry::ResourceDefinition d = PolicyPart("mutatingadmissionpolicies", "MutatingAdmissionPolicy", "psQzeF0nvLY=");
  d.columns = {Length("Mutations", {"spec", "mutations"}), Computed("ParamKind", "string", ParamKind), Age()};
  return Done(std::move(d));
}

DefinitionPtr ValidatingAdmissionPolicyBindingResource() {
  return Binding("validatingadmissionpolicybindings", "ValidatingAdmissionPolicyBinding", "JOV69qiJP9o=");
}

DefinitionPtr MutatingAdmissionPolicyBindingResource() {
  return Binding("mutatingadmissionpolicybindings", "MutatingAdmissionPolicyBinding", "DhZzpiid8UU=");
}

}  // namespace atoll::resources
