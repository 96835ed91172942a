// The built-in users of a shard and the kubeconfig that names them (spec/tenancy.md 5.11).
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/auth/authn/admin_tokens/admin_tokens.h"
#include "common/base/random.h"
#include "common/config/root_directory.h"

namespace atoll::shard {

struct AdminCredentials {
  std::string kcp_admin_token, shard_admin_token;
  std::vector<auth::AdminToken> tokens;
};

// shard-admin keeps its token over restarts: its SHA-256 lies in .admin-token-store, the token itself in the
// kubeconfig. kcp-admin gets a new one at each start. Errors: FailedPrecondition when the two files do not fit
// together; the message says which to remove.
absl::StatusOr<AdminCredentials> NewAdminCredentials(const config::RootDirectory& root,
                                                     const std::string& kubeconfig_path, Random& random);

// Writes admin.kubeconfig for a shard that is its own front door.
absl::Status WriteAdminKubeconfig(const AdminCredentials& credentials, const std::string& ca_pem,
                                  const std::string& base_url, const std::string& file);

}  // namespace atoll::shard
