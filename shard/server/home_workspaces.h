// Answers `workspaces/~` in root with the caller's home workspace, making it first when it is missing. Homes live on
// the shard that serves root. Thread-safe.
#pragma once

#include "shard/authorization/authorizer.h"
#include "shard/endpoints/hooks.h"
#include "shard/tenancy/catalog.h"
#include "shard/tenancy/cluster_admin.h"

namespace atoll::shard {

class LocalHomeWorkspaces final : public endpoints::HomeWorkspaces {
 public:
  // All outlive this.
  LocalHomeWorkspaces(tenancy::ClusterAdmin* admin, const tenancy::Catalog* catalog,
                      authorization::Authorizer* authorizer, const Clock* clock)
      : admin_(admin), catalog_(catalog), authorizer_(authorizer), clock_(clock) {}
  Task<void> Serve(endpoints::Call& call) override;

 private:
  Task<absl::StatusOr<json::Value>> Make(const endpoints::Call& call, const LogicalClusterId& home);

  tenancy::ClusterAdmin* const admin_;
  const tenancy::Catalog* const catalog_;
  authorization::Authorizer* const authorizer_;
  const Clock* const clock_;
};

}  // namespace atoll::shard
