// What a new logical cluster contains (spec/tenancy.md 1.8): one transaction, so it exists whole or not at all.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/json/value.h"
#include "common/store/types.h"
#include "shard/tenancy/catalog.h"
#include "shard/tenancy/object_batch.h"

namespace atoll::tenancy {

inline constexpr std::string_view kTypeAnnotation = "internal.tenancy.kcp.io/type";
inline constexpr std::string_view kOwnerAnnotation = "experimental.tenancy.kcp.io/owner";
inline constexpr std::string_view kShardAnnotation = "core.kcp.io/shard";
inline constexpr std::string_view kShardHashAnnotation = "internal.tenancy.kcp.io/shard";
inline constexpr std::string_view kClusterAnnotation = "internal.tenancy.kcp.io/cluster";
inline constexpr std::string_view kRequiredGroupsAnnotation = "authorization.kcp.io/required-groups";
inline constexpr std::string_view kPhaseLabel = "tenancy.kcp.io/phase";
inline constexpr std::string_view kDeletionFinalizer = "core.kcp.io/logicalcluster-deletion";
inline constexpr std::string_view kWorkspaceFinalizer = "core.kcp.io/logicalcluster";
inline constexpr std::string_view kApiBindingsInitializer = "system:apibindings";

// Initializers of a cluster of `expanded` types, in order (spec/tenancy.md 2.3), with system:apibindings last when
// there are bindings.
std::vector<std::string> InitializersOf(const std::vector<TypePtr>& expanded);
std::vector<std::string> TerminatorsOf(const std::vector<TypePtr>& expanded);

struct NewClusterOptions {
  std::string shard_name;
  std::string external_url;  // prefix of status.URL
  std::string root_ca_pem;   // data of kube-root-ca.crt
};

// The content of `cluster`, given its LogicalCluster object (annotations type, path, owner, ...; spec) as the placing
// shard made it. The system initializers (root:universal, system:apibindings) are done by the transaction itself;
// others stay in status.initializers and keep the cluster Initializing. Errors: FailedPrecondition (type or export
// unknown here yet: retry).
absl::StatusOr<store::Transaction> NewClusterContent(const LogicalClusterId& cluster, json::Value logical_cluster,
                                                     const Catalog& catalog, const NewClusterOptions& options,
                                                     ObjectBatch batch, absl::Time now);

// ServiceAccount default and ConfigMap kube-root-ca.crt: what every namespace has.
void AddNamespaceContent(ObjectBatch* batch, const LogicalClusterId& cluster, std::string_view ns,
                         std::string_view root_ca_pem);
json::Value RootCaConfigMap(std::string_view root_ca_pem);
// An Active namespace with its label and finalizer.
json::Value NewNamespace(std::string_view name, bool create_only);
// The ClusterRoleBinding workspace-admin for `user`.
json::Value WorkspaceAdminBinding(std::string_view user);

// Annotation and label writes when a LogicalCluster's or a Workspace's phase changes.
void SetPhase(json::Value* object, std::string_view phase);
// Groups and extra of the owner matter only until the cluster is ready (spec/tenancy.md 2.7).
void TrimOwner(json::Value* object);

}  // namespace atoll::tenancy
