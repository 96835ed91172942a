#include "shard/replication/index_changes.h"

#include "common/api/object.h"
#include "common/base/strings.h"

namespace atoll::replication {

namespace {
constexpr std::string_view kTypeAnnotation = "internal.tenancy.kcp.io/type";
}

index::WorkspaceEntry ToWorkspaceEntry(const json::Value& workspace) {
  index::WorkspaceEntry out;
  out.cluster = std::string(workspace.StringAt({"spec", "cluster"}));
  out.phase = std::string(workspace.StringAt({"status", "phase"}));
  const json::Value* mount = workspace.At({"spec", "mount"});
  out.mount = mount != nullptr && mount->is_object();
  if (out.mount) out.mount_url = std::string(workspace.StringAt({"spec", "URL"}));
  return out;
}

index::ClusterEntry ToClusterEntry(const json::Value& logical_cluster) {
  return {.phase = std::string(logical_cluster.StringAt({"status", "phase"})),
          .type = std::string(api::Annotation(logical_cluster, kTypeAnnotation)),
          .path = std::string(api::Annotation(logical_cluster, api::kPathAnnotation))};
}

std::string WorkspaceTypeOf(const json::Value& workspace) {
  const std::string_view path = workspace.StringAt({"spec", "type", "path"}),
                         name = workspace.StringAt({"spec", "type", "name"});
  return path.empty() ? std::string(name) : StrCat(path, ":", name);
}

}  // namespace atoll::replication
