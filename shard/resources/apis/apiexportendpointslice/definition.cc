// Where the objects of an export are reached, shard by shard.
#include <utility>

#include "shard/resources/all.h"
#include "shard/resources/build.h"
#include "shard/resources/columns.h"
#include "shard/resources/custom_strategy.h"

namespace atoll::resources {
namespace {

using Must = TransitionRule::Must;

}  // namespace

DefinitionPtr ApiExportEndpointSliceResource() {
  registry::ResourceDefinition d =
      Custom({"apis.kcp.io", "v1alpha1", "apiexportendpointslices"}, "APIExportEndpointSlice", /*has_status=*/true);
  d.columns = {Path("Export", ".spec.export.name"), Path("Partition", ".spec.partition"), CustomAge()};
  d.strategy = std::make_shared<CustomStrategy>(
      d.schema, CustomStrategy::Options{.has_status = true,
                                        .transitions = {{.path = {"spec", "export"},
                                                         .must = Must::kStayEqual,
                                                         .message = "APIExport reference must not be changed"}}});
  d.storage_version_hash = "fXWiuSzUBvA=";
  return Done(std::move(d));
}

}  // namespace atoll::resources
