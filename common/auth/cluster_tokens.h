// ClusterTokens: whose token is this, for one logical cluster? Tokens that count in some workspaces and in no others
// (spec/tenancy.md 2.13). Asked when no method of the server itself knows the token.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/auth/user.h"
#include "common/loop/task.h"
#include "common/path/path.h"

namespace atoll::auth {

// Thread-safe, any loop.
class ClusterTokens {
 public:
  virtual ~ClusterTokens() = default;
  // As TokenAuthenticator. The user has system:authenticated, and rights in `cluster` alone.
  virtual Task<absl::StatusOr<std::optional<User>>> AuthenticateToken(LogicalClusterId cluster, std::string token) = 0;
};

}  // namespace atoll::auth
