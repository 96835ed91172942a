// Catalog: what a shard must know of the whole fleet to place and create workspaces: workspace types, shards, and
// root's exports.
//
// Fed with objects from this shard's own log and from its replica of the cache-server's content; both come through Put
// and Erase, a local object and a replicated one of the same name never differ in meaning. Bounded by the fleet's
// number of types and shards, not by workspaces. Thread-safe; readers get immutable snapshots of single objects.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/api/gvr.h"
#include "common/json/value.h"
#include "common/path/path.h"

namespace atoll::tenancy {

struct WorkspaceType {
  LogicalClusterId cluster;  // where the WorkspaceType object lives
  std::string path;          // canonical path of that cluster
  std::string name;
  json::Value spec;
  // `root:universal` with the cluster's id: identifies initializers and terminators (spec/tenancy.md 2.3).
  std::string Id() const { return cluster.name() + ":" + name; }
  // `root:org:project` with the path: what annotations and messages print.
  std::string PathName() const { return path + ":" + name; }
};
using TypePtr = std::shared_ptr<const WorkspaceType>;

using SpecPtr = std::shared_ptr<const json::Value>;

struct ShardInfo {
  std::string name;
  std::string base_url, external_url, virtual_workspace_url;
  std::string rpc_address;  // host:port of its gRPC services, from the annotation kRpcAddressAnnotation
  std::vector<std::pair<std::string, std::string>> labels;
  bool unschedulable = false;
  std::string_view Label(std::string_view key) const;
};

inline constexpr std::string_view kRpcAddressAnnotation = "internal.atoll.dev/rpc-address";
inline constexpr std::string_view kUnschedulableAnnotation = "experimental.core.kcp.io/unschedulable";

struct ExportInfo {
  struct Resource {
    std::string group, name, schema, schema_uid;
  };
  std::string name;
  std::string identity_hash;
  std::vector<Resource> resources;
};

class Catalog {
 public:
  Catalog();
  ~Catalog();

  // Objects of workspacetypes.tenancy.kcp.io, workspaceauthenticationconfigurations.tenancy.kcp.io, shards.core.kcp.io
  // (of root), apiexports.apis.kcp.io and apiresourceschemas.apis.kcp.io (of root); everything else is ignored.
  // `origin` is the shard an object lives on.
  void Put(const api::GroupResource& resource, const LogicalClusterId& cluster, const json::Value& object);
  void Erase(const api::GroupResource& resource, const LogicalClusterId& cluster, std::string_view name);

  // By canonical path or cluster id of the type's home.
  TypePtr FindType(std::string_view path_or_cluster, std::string_view name) const;
  // Without a path: looked for in `from` and each of its parents, at last in root (spec/tenancy.md 2.4).
  TypePtr ResolveType(const WorkspacePath& from, std::string_view name) const;
  // `type` and all it extends, each once: each base before its own bases, `type` itself last, as kcp has it. Errors:
  // FailedPrecondition with the texts of spec/tenancy.md 6.4 (a cycle, a missing base).
  absl::StatusOr<std::vector<TypePtr>> Expand(const TypePtr& type) const;

  // The spec of a WorkspaceAuthenticationConfiguration, the same pointer as long as it does not change; null: none.
  SpecPtr FindAuthentication(const LogicalClusterId& cluster, std::string_view name) const;

  std::vector<ShardInfo> Shards() const;  // by name
  std::optional<ShardInfo> FindShard(std::string_view name) const;
  std::optional<ExportInfo> FindExport(std::string_view name) const;  // of root

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace atoll::tenancy
