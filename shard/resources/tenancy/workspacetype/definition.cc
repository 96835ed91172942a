// What a workspace starts with and where it may stand.
#include <utility>

#include "shard/resources/all.h"
#include "shard/resources/build.h"
#include "shard/resources/columns.h"
#include "shard/resources/custom_strategy.h"

namespace atoll::resources {

DefinitionPtr WorkspaceTypeResource() {
  registry::ResourceDefinition d =
      Custom({"tenancy.kcp.io", "v1alpha1", "workspacetypes"}, "WorkspaceType", /*has_status=*/true);
  d.columns = {CustomAge()};
  d.bound_by_export = "tenancy.kcp.io";
  d.strategy = std::make_shared<CustomStrategy>(
      d.schema, CustomStrategy::Options{.has_status = true, .name_schema = WorkspaceNameSchema()});
  d.storage_version_hash = "+8AxMtC+wMI=";
  return Done(std::move(d));
}

}  // namespace atoll::resources
