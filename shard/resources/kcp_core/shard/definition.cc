// A server that holds logical clusters. Lives in root.
#include <utility>

#include "shard/resources/all.h"
#include "shard/resources/build.h"
#include "shard/resources/columns.h"

namespace atoll::resources {
namespace {

using json::Value;

Value Region(const Value& object) {
  const Value* region = object.At({"metadata", "labels", "region"});
  return region == nullptr ? Value() : *region;
}

}  // namespace

DefinitionPtr ShardResource() {
  registry::ResourceDefinition d = Custom({"core.kcp.io", "v1alpha1", "shards"}, "Shard", /*has_status=*/true);
  d.columns = {CustomCell("Region", ".metadata.labels['region']", Region, "Region the shard stands in."),
               Path("URL", ".spec.baseURL", "Where other servers reach it."),
               Path("External URL", ".spec.externalURL", "Where clients reach it."), CustomAge()};
  d.bound_by_export = "shards.core.kcp.io";
  d.storage_version_hash = "8yZbCznV9so=";
  return Done(std::move(d));
}

}  // namespace atoll::resources
