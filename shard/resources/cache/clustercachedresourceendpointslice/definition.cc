// Where copied resources are reached, shard by shard.
#include <utility>

#include "shard/resources/all.h"
#include "shard/resources/build.h"
#include "shard/resources/columns.h"
#include "shard/resources/custom_strategy.h"

namespace atoll::resources {
namespace {

using Must = TransitionRule::Must;

}  // namespace

DefinitionPtr ClusterCachedResourceEndpointSliceResource() {
  registry::ResourceDefinition d = Custom({"cache.kcp.io", "v1alpha1", "clustercachedresourceendpointslices"},
                                          "ClusterCachedResourceEndpointSlice", /*has_status=*/true);
  d.columns = {Path("ClusterCachedResource", ".spec.clusterCachedResource.name"), CustomAge()};
  d.strategy = std::make_shared<CustomStrategy>(
      d.schema,
      CustomStrategy::Options{.has_status = true,
                              .transitions = {{.path = {"spec", "clusterCachedResource"},
                                               .must = Must::kStayEqual,
                                               .message = "ClusterCachedResource reference must not be changed"},
                                              {.path = {"spec", "export"},
                                               .must = Must::kStayEqual,
                                               .message = "APIExport reference must not be changed"}}});
  d.storage_version_hash = "WyHrAjFqvw4=";
  return Done(std::move(d));
}

}  // namespace atoll::resources
