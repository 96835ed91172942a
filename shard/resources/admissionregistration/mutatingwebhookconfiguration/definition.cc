// Webhooks that change objects on their way in. Described and listed; not yet called.
#include <utility>

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

}  // namespace

DefinitionPtr MutatingWebhookConfigurationResource() {
  registry::ResourceDefinition d = Typed({"admissionregistration.k8s.io", "v1", "mutatingwebhookconfigurations"},
                                         "MutatingWebhookConfiguration", registry::Scope::kCluster);
  d.categories = {"api-extensions"};
  d.unconditional_update = false;
  d.has_generation = true;
  d.columns = {Computed("Webhooks", "integer", [](const Value& o) { return Length(o, {"webhooks"}); }), Age()};
  d.strategy = std::make_shared<RefusedStrategy>("webhooks", "admission webhooks are not called by this version");
  d.storage_version_hash = "nS8Hvd/tfaU=";
  return Done(std::move(d));
}

}  // namespace atoll::resources
