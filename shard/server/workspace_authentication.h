// WorkspaceAuthentication: the OpenID providers that a workspace's type names, in WorkspaceAuthenticationConfigurations
// of the type's own logical cluster (spec/tenancy.md 2.13). Their users are nobody elsewhere: what they are called may
// not begin with `system:`, and they carry the workspace as their scope.
//
// Everything is looked up in memory; a change of a type or a configuration counts from the moment the catalogue has it.
#pragma once

#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "common/auth/authn/jwt_issuer/jwt_issuer.h"
#include "common/auth/cluster_tokens.h"
#include "shard/registry/clusters.h"
#include "shard/tenancy/catalog.h"

namespace atoll::shard {

class WorkspaceAuthentication final : public auth::ClusterTokens {
 public:
  struct Options {
    const registry::Clusters* clusters = nullptr;
    const tenancy::Catalog* catalog = nullptr;
    Loop* loop = nullptr;  // fetches keys
    const Clock* clock = nullptr;
    std::vector<std::string> own_issuers;  // of service accounts
    size_t configurations_max = 1024;      // with their providers' keys; emptied when full
  };
  explicit WorkspaceAuthentication(Options options) : options_(std::move(options)) {}
  Task<absl::StatusOr<std::optional<auth::User>>> AuthenticateToken(LogicalClusterId cluster,
                                                                    std::string token) override;

 private:
  using Issuers = std::shared_ptr<auth::JwtIssuers>;
  struct Entry {
    tenancy::SpecPtr spec;  // what `issuers` was made of
    Issuers issuers;
  };
  // The providers of one configuration; null when there is no such configuration.
  Issuers Of(const LogicalClusterId& cluster, const std::string& name);

  const Options options_;
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, Entry> entries_ ABSL_GUARDED_BY(mutex_);
};

// What is left of a provider's user in a workspace. Errors: Unauthenticated for a name that is the system's.
absl::StatusOr<auth::User> Confined(auth::User user, const LogicalClusterId& cluster);

}  // namespace atoll::shard
