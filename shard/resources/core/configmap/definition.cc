// Configuration data by key, readable by whoever may read the namespace.
#include <utility>

#include "shard/resources/all.h"
#include "shard/resources/build.h"
#include "shard/resources/columns.h"
#include "shard/resources/core/configmap/strategy.h"

namespace atoll::resources {
namespace {

using json::Value;

Value Entries(const Value& object) {
  int64_t n = 0;
  for (std::string_view name : {"data", "binaryData"}) {
    const Value* map = object.Find(name);
    if (map != nullptr && map->is_object()) n += static_cast<int64_t>(map->object().size());
  }
  return Value(n);
}

}  // namespace

DefinitionPtr ConfigMapResource() {
  registry::ResourceDefinition d = Typed({"", "v1", "configmaps"}, "ConfigMap", registry::Scope::kNamespaced);
  d.short_names = {"cm"};
  d.columns = {Computed("Data", "string", Entries), Age()};
  d.strategy = std::make_shared<ConfigMapStrategy>();
  d.storage_version_hash = "BcsYVNKF43M=";
  return Done(std::move(d));
}

}  // namespace atoll::resources
