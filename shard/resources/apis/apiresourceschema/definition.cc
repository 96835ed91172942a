// The schema of a resource that exports offer. Never changes.
#include <utility>

#include "shard/resources/all.h"
#include "shard/resources/build.h"
#include "shard/resources/columns.h"

namespace atoll::resources {

DefinitionPtr ApiResourceSchemaResource() {
  registry::ResourceDefinition d =
      Custom({"apis.kcp.io", "v1alpha1", "apiresourceschemas"}, "APIResourceSchema", /*has_status=*/false);
  d.columns = {CustomAge()};
  d.storage_version_hash = "c8vS1AosRWg=";
  return Done(std::move(d));
}

}  // namespace atoll::resources
