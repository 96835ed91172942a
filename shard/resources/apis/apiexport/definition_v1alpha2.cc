// Resources that a workspace offers to others to bind. The preferred version, and the stored one.
#include <utility>

#include "shard/resources/all.h"
#include "shard/resources/build.h"
#include "shard/resources/columns.h"

namespace atoll::resources {

DefinitionPtr ApiExportV1alpha2Resource() {
  registry::ResourceDefinition d = Custom({"apis.kcp.io", "v1alpha2", "apiexports"}, "APIExport", /*has_status=*/true);
  d.columns = {CustomAge()};
  d.storage_version_hash = "NKCfL4yZ0MU=";
  return Done(std::move(d));
}

}  // namespace atoll::resources
