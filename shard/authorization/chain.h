// Chain: the shard's Authorizer. Its links, in order, are in chain.cc (spec/tenancy.md 5.3 to 5.7).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "shard/authorization/authorizer.h"
#include "shard/authorization/policy_cache.h"
#include "shard/registry/clusters.h"

namespace atoll::authorization {

// RBAC of a cluster that lives on another shard and was replicated here: what makes root's bindings hold fleet-wide.
// Any thread.
class ReplicaSource {
 public:
  virtual ~ReplicaSource() = default;
  // The same pointer as long as nothing changed; null when nothing is replicated for the cluster.
  virtual std::shared_ptr<const RbacObjects> Objects(const LogicalClusterId& cluster) const = 0;
};

// Which export's maximal permission policy limits a bound resource. Any thread, never blocks.
class ExportPolicies {
 public:
  virtual ~ExportPolicies() = default;
  // The cluster whose RBAC is that policy; nullopt when the resource is not bound, or its export has none.
  virtual std::optional<LogicalClusterId> PolicyCluster(const LogicalClusterId& cluster,
                                                        const api::GroupResource& resource) const = 0;
};

// The exports of root, which are compiled in: tenancy.kcp.io has a policy. Another source is asked for everything else.
class RootExportPolicies final : public ExportPolicies {
 public:
  explicit RootExportPolicies(const registry::Clusters* clusters, const ExportPolicies* others = nullptr)
      : clusters_(clusters), others_(others) {}
  std::optional<LogicalClusterId> PolicyCluster(const LogicalClusterId& cluster,
                                                const api::GroupResource& resource) const override;

 private:
  const registry::Clusters* clusters_;
  const ExportPolicies* others_;
};

// What bindings and escalation checks must know of roles.
class RoleSource {
 public:
  virtual ~RoleSource() = default;
  // The rules behind a roleRef in the cluster, or in system:admin. Errors: NotFound.
  virtual Task<absl::StatusOr<std::vector<PolicyRule>>> RoleRules(LogicalClusterId cluster, RoleRef ref,
                                                                  std::string ns) = 0;
};

class Chain final : public Authorizer, public RoleSource {
 public:
  struct Options {
    const registry::Clusters* clusters = nullptr;
    PolicyCache* policies = nullptr;
    PolicyPtr bootstrap;                      // of system:admin, unless `policies` has its own as a fallback
    const ReplicaSource* replicas = nullptr;  // may be null
    const ExportPolicies* exports = nullptr;  // may be null
    Authorizer* webhook = nullptr;            // asked when RBAC has no opinion; may be null
    std::vector<std::string> always_allow_paths = {"/healthz", "/readyz", "/livez"};  // a trailing '*' is a prefix
  };
  explicit Chain(Options options);
  ~Chain() override;

  Task<Decision> Authorize(const Attributes& attributes) override;
  Task<absl::StatusOr<std::vector<PolicyRule>>> RulesFor(const auth::User& user, const LogicalClusterId& cluster,
                                                         std::string ns) override;
  Task<absl::StatusOr<std::vector<PolicyRule>>> RoleRules(LogicalClusterId cluster, RoleRef ref,
                                                          std::string ns) override;

 private:
  // Policies whose union holds in one cluster.
  struct Layers {
    PolicyPtr bootstrap, local, global;
    bool Allow(const std::vector<Identity>& identities, const Question& question, std::string* why = nullptr) const;
  };
  PolicyPtr Bootstrap() const;
  bool PeekLayers(const LogicalClusterId& cluster, Layers* out);
  Task<absl::Status> LoadLayers(LogicalClusterId cluster, Layers* out);
  PolicyPtr GlobalPolicy(const LogicalClusterId& cluster);
  Task<Decision::Kind> AuthorizeByRbac(const Attributes& attributes);
  bool IsAlwaysAllowedPath(const Attributes& attributes) const;

  struct Replica {
    std::shared_ptr<const RbacObjects> objects;
    PolicyPtr bootstrap, policy;  // `policy` was compiled with both
  };
  const Options options_;
  absl::Mutex mutex_;
  absl::flat_hash_map<LogicalClusterId, Replica> replicas_ ABSL_GUARDED_BY(mutex_);  // bounded; emptied when full
};

}  // namespace atoll::authorization
