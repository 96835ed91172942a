// Makes one partition for each combination of shard labels.
#include <utility>

#include "shard/resources/all.h"
#include "shard/resources/build.h"
#include "shard/resources/columns.h"

namespace atoll::resources {

DefinitionPtr PartitionSetResource() {
  registry::ResourceDefinition d =
      Custom({"topology.kcp.io", "v1alpha1", "partitionsets"}, "PartitionSet", /*has_status=*/true);
  d.columns = {Path("Count", ".status.count", "How many partitions there are."), CustomAge()};
  d.bound_by_export = "topology.kcp.io";
  d.storage_version_hash = "/sgC+wHCJr8=";
  return Done(std::move(d));
}

}  // namespace atoll::resources
