// Admin tokens: the built-in users of `admin.kubeconfig` (spec/tenancy.md 5.11), held in memory as digests.
#pragma once

#include <string>
#include <vector>

#include "common/auth/authenticator.h"
#include "common/auth/secret_digest.h"

namespace atoll::auth {

struct AdminToken {
  SecretDigest digest;  // of the token; for shard-admin, what .admin-token-store holds
  User user;
};

class AdminTokenAuthenticator final : public TokenAuthenticator {
 public:
  explicit AdminTokenAuthenticator(std::vector<AdminToken> tokens) : tokens_(std::move(tokens)) {}

  // Compares with all of them, always: time does not tell which, or whether, one matched.
  Task<absl::StatusOr<std::optional<User>>> AuthenticateToken(std::string token,
                                                              std::vector<std::string> audiences) override;

 private:
  std::vector<AdminToken> tokens_;
};

}  // namespace atoll::auth
