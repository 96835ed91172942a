// A group of shards, by label.
#include <utility>

#include "shard/resources/all.h"
#include "shard/resources/build.h"
#include "shard/resources/columns.h"

namespace atoll::resources {
namespace {

using json::Value;

Value Owner(const Value& object) {
  const Value* owners = object.At({"metadata", "ownerReferences"});
  if (owners == nullptr || !owners->is_array() || owners->array().empty()) return Value();
  return Value(owners->array().front().StringAt({"name"}));
}

}  // namespace

DefinitionPtr PartitionResource() {
  registry::ResourceDefinition d =
      Custom({"topology.kcp.io", "v1alpha1", "partitions"}, "Partition", /*has_status=*/false);
  d.columns = {CustomCell("Owner", ".metadata.ownerReferences[*].name", Owner), CustomAge()};
  d.bound_by_export = "topology.kcp.io";
  d.storage_version_hash = "jWny1Q18iJc=";
  return Done(std::move(d));
}

}  // namespace atoll::resources
