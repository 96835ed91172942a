// A logical cluster as it sees itself: one object called `cluster` in each.
#include <utility>

#include "shard/resources/all.h"
#include "shard/resources/build.h"
#include "shard/resources/columns.h"
#include "shard/resources/custom_strategy.h"

namespace atoll::resources {

DefinitionPtr LogicalClusterResource() {
  registry::ResourceDefinition d =
      Custom({"core.kcp.io", "v1alpha1", "logicalclusters"}, "LogicalCluster", /*has_status=*/true);
  d.columns = {Path("Phase", ".status.phase", "How far the logical cluster has come."),
               Path("URL", ".status.URL", "Where its API is reached."), CustomAge()};
  d.strategy = std::make_shared<CustomStrategy>(
      d.schema, CustomStrategy::Options{.has_status = true, .name_schema = FixedNameSchema("cluster")});
  d.storage_version_hash = "MvQtkmhtxGg=";
  return Done(std::move(d));
}

}  // namespace atoll::resources
