// A logical cluster as its parent sees it.
#include <utility>

#include "shard/resources/all.h"
#include "shard/resources/build.h"
#include "shard/resources/columns.h"
#include "shard/resources/custom_strategy.h"

namespace atoll::resources {
namespace {

using json::Value;

Value Region(const Value& object) {
  const Value* region = object.At({"metadata", "labels", "region"});
  return region == nullptr ? Value() : *region;
}

using Must = TransitionRule::Must;

}  // namespace

DefinitionPtr WorkspaceResource() {
  registry::ResourceDefinition d =
      Custom({"tenancy.kcp.io", "v1alpha1", "workspaces"}, "Workspace", /*has_status=*/true);
  d.short_names = {"ws"};
  d.columns = {Path("Type", ".spec.type.name", "Type of the workspace."),
               CustomCell("Region", ".metadata.labels['region']", Region, "Region the workspace lives in."),
               Path("Phase", ".status.phase", "How far the workspace has come."),
               Path("URL", ".spec.URL", "Where its API is reached."), CustomAge()};
  d.bound_by_export = "tenancy.kcp.io";
  d.strategy = std::make_shared<CustomStrategy>(
      d.schema,
      CustomStrategy::Options{
          .has_status = true,
          .name_schema = WorkspaceNameSchema(),
          .transitions = {
              {.path = {"spec"}, .child = "URL", .must = Must::kStayPresent, .message = "URL cannot be unset"},
              {.path = {"spec"}, .child = "cluster", .must = Must::kStayPresent, .message = "cluster cannot be unset"},
              {.path = {"spec", "cluster"}, .must = Must::kStayEqual, .message = "cluster is immutable"},
              {.path = {"spec", "mount"}, .must = Must::kStayEqual, .message = "mount is immutable"},
              {.path = {"spec", "mount", "ref"},
               .child = "apiVersion",
               .must = Must::kKeepPresence,
               .message = "apiVersion is immutable"},
              {.path = {"spec", "mount", "ref"},
               .child = "kind",
               .must = Must::kKeepPresence,
               .message = "kind is immutable"},
              {.path = {"spec", "mount", "ref"},
               .child = "name",
               .must = Must::kKeepPresence,
               .message = "name is immutable"},
              {.path = {"spec", "type"}, .child = "name", .must = Must::kStayEqual, .message = "name is immutable"},
              {.path = {"spec", "type"}, .child = "path", .must = Must::kKeepPresence, .message = "path is immutable"},
              {.path = {"spec", "type"},
               .child = "path",
               .must = Must::kStayEqualIfSet,
               .message = "path is immutable"}}});
  d.storage_version_hash = "79Pzoa52SfE=";
  return Done(std::move(d));
}

}  // namespace atoll::resources
