// Resources that a workspace offers to others to bind. The older version.
#include <utility>

#include "common/api/object.h"
#include "shard/resources/all.h"
#include "shard/resources/build.h"
#include "shard/resources/columns.h"

namespace atoll::resources {
namespace {

using json::Value;

Value Ready(const Value& object) {
  const Value* condition = api::FindCondition(object, "VirtualWorkspaceURLsReady");
  return condition == nullptr ? Value() : Value(condition->StringAt({"status"}));
}

}  // namespace

DefinitionPtr ApiExportV1alpha1Resource() {
  registry::ResourceDefinition d = Custom({"apis.kcp.io", "v1alpha1", "apiexports"}, "APIExport", /*has_status=*/true);
  d.columns = {CustomAge(),
               CustomCell("Ready", ".status.conditions[?(@.type==\"VirtualWorkspaceURLsReady\")].status", Ready)};
  d.storage_version_hash = "NKCfL4yZ0MU=";
  return Done(std::move(d));
}

}  // namespace atoll::resources
