#include "common/auth/authn/anonymous/anonymous.h"

namespace atoll::auth {

Task<absl::StatusOr<std::optional<User>>> AnonymousAuthenticator::Authenticate(const http::Request&) {
  co_return std::optional<User>(
      User{.name = std::string(kAnonymous), .uid = "", .groups = {std::string(kUnauthenticated)}, .extra = {}});
}

}  // namespace atoll::auth
