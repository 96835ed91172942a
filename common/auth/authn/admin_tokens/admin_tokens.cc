#include "common/auth/authn/admin_tokens/admin_tokens.h"

namespace atoll::auth {

Task<absl::StatusOr<std::optional<User>>> AdminTokenAuthenticator::AuthenticateToken(std::string token,
                                                                                     std::vector<std::string>) {
  const SecretDigest digest = SecretDigest::Of(token);
  const AdminToken* found = nullptr;
  for (const AdminToken& candidate : tokens_) {
    if (candidate.digest.Matches(digest)) found = &candidate;
  }
  if (found == nullptr) co_return std::optional<User>();
  co_return std::optional<User>(found->user);
}

}  // namespace atoll::auth
