// A resource that is copied to every shard.
#include <utility>

#include "shard/resources/all.h"
#include "shard/resources/build.h"
#include "shard/resources/columns.h"

namespace atoll::resources {

DefinitionPtr ClusterCachedResourceResource() {
  registry::ResourceDefinition d =
      Custom({"cache.kcp.io", "v1alpha1", "clustercachedresources"}, "ClusterCachedResource", /*has_status=*/true);
  d.columns = {Path("Resource", ".spec.resource", "Resource that is copied."), CustomAge()};
  d.storage_version_hash = "Lreegwc0eV8=";
  return Done(std::move(d));
}

}  // namespace atoll::resources
