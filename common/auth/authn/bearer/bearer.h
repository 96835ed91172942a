// Bearer: `Authorization: Bearer <token>`, tried against each token method in order.
#pragma once

#include <memory>
#include <vector>

#include "common/auth/authenticator.h"

namespace atoll::auth {

class BearerAuthenticator final : public Authenticator, public TokenAuthenticator {
 public:
  explicit BearerAuthenticator(std::vector<std::unique_ptr<TokenAuthenticator>> methods)
      : methods_(std::move(methods)) {}

  // A token that no method knows is Unauthenticated, never "absent": an invalid token must not become anonymous.
  Task<absl::StatusOr<std::optional<User>>> Authenticate(const http::Request& request) override;
  Task<absl::StatusOr<std::optional<User>>> AuthenticateToken(std::string token,
                                                              std::vector<std::string> audiences) override;

 private:
  std::vector<std::unique_ptr<TokenAuthenticator>> methods_;
};

}  // namespace atoll::auth
