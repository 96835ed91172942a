// A scope for names inside a logical cluster. Has no deletecollection.
#include <utility>

#include "shard/resources/all.h"
#include "shard/resources/build.h"
#include "shard/resources/columns.h"
#include "shard/resources/core/namespace/strategy.h"

namespace atoll::resources {

DefinitionPtr NamespaceResource() {
  registry::ResourceDefinition d = Typed({"", "v1", "namespaces"}, "Namespace", registry::Scope::kCluster);
  d.short_names = {"ns"};
  d.verbs = {"create", "delete", "get", "list", "patch", "update", "watch"};
  d.subresources = {{.name = "finalize", .verbs = {"update"}, .kind = {}}, StatusSubresource()};
  d.columns = {Text("Status", {"status", "phase"}), Age()};
  d.selectable_fields = {"status.phase"};
  d.strategy = std::make_shared<NamespaceStrategy>();
  d.storage_version_hash = "DYe+LmmEOcs=";
  return Done(std::move(d));
}

}  // namespace atoll::resources
