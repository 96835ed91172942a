// How the versions of an exported resource turn into each other.
#include <utility>

#include "shard/resources/all.h"
#include "shard/resources/build.h"
#include "shard/resources/columns.h"

namespace atoll::resources {

DefinitionPtr ApiConversionResource() {
  registry::ResourceDefinition d =
      Custom({"apis.kcp.io", "v1alpha1", "apiconversions"}, "APIConversion", /*has_status=*/false);
  d.columns = {CustomAge()};
  d.storage_version_hash = "teGtzjb7HTI=";
  return Done(std::move(d));
}

}  // namespace atoll::resources
