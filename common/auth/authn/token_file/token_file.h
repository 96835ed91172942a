// Token file: `--token-auth-file`, a CSV of `token,user,uid[,"group1,group2"]`. Read once at start.
#pragma once

#include <memory>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "common/auth/authenticator.h"
#include "common/auth/secret_digest.h"

namespace atoll::auth {

class TokenFileAuthenticator final : public TokenAuthenticator {
 public:
  // Errors: InvalidArgument that names the line. Blank lines and lines that start with '#' are skipped; a repeated
  // token's last line wins.
  static absl::StatusOr<std::unique_ptr<TokenFileAuthenticator>> FromCsv(std::string_view csv);

  Task<absl::StatusOr<std::optional<User>>> AuthenticateToken(std::string token,
                                                              std::vector<std::string> audiences) override;

 private:
  absl::flat_hash_map<SecretDigest, User> users_;
};

}  // namespace atoll::auth
