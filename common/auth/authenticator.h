// Authenticator: who sends this request? One implementation a method (authn/<method>/), combined by authn/union.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/auth/user.h"
#include "common/http/message.h"
#include "common/loop/task.h"

namespace atoll::auth {

// Called from any loop; implementations are immutable or internally synchronized, and are owned by the composition
// root.
class Authenticator {
 public:
  virtual ~Authenticator() = default;
  // nullopt: the request carries no credentials of this kind. Unauthenticated: it does, and they are bad; another
  // method may still succeed. Any other error: the method could not tell (a look-up failed); treated like bad
  // credentials, and worth a log line. `request` lives as long as the caller's frame.
  virtual Task<absl::StatusOr<std::optional<User>>> Authenticate(const http::Request& request) = 0;
};

// Whose token is this? The methods behind `Authorization: Bearer`, and what a TokenReview asks.
class TokenAuthenticator {
 public:
  virtual ~TokenAuthenticator() = default;
  // nullopt: not a token of this kind. Unauthenticated: of this kind, and bad. `audiences` are those the caller
  // accepts; empty means the server's own. Methods whose tokens name no audience ignore it.
  virtual Task<absl::StatusOr<std::optional<User>>> AuthenticateToken(std::string token,
                                                                      std::vector<std::string> audiences) = 0;
};

// The token of an `Authorization: Bearer <token>` header; "" when there is none. The scheme ignores case.
std::string_view BearerToken(const http::Request& request);

// Tokens longer than this are refused unread.
inline constexpr size_t kTokenBytesMax = 16 * 1024;

}  // namespace atoll::auth
