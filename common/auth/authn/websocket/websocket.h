// WebSocket: a bearer token as the name of a sub-protocol, `base64url.bearer.authorization.k8s.io.<token in
// base64url>`, because browsers cannot set headers on a WebSocket (spec/api-machinery.md 4.1).
#pragma once

#include "common/auth/authenticator.h"

namespace atoll::auth {

class WebSocketAuthenticator final : public Authenticator {
 public:
  // `tokens` outlives this.
  explicit WebSocketAuthenticator(TokenAuthenticator* tokens) : tokens_(tokens) {}

  // Only for requests that ask for a WebSocket. Unauthenticated, too, without another sub-protocol beside the token:
  // the answer has to name one, and must not repeat the token.
  Task<absl::StatusOr<std::optional<User>>> Authenticate(const http::Request& request) override;

 private:
  TokenAuthenticator* const tokens_;
};

}  // namespace atoll::auth
