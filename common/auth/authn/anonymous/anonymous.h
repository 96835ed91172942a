// Anonymous: whoever brings no credentials is system:anonymous. Last in the table; never reached by bad credentials.
#pragma once

#include "common/auth/authenticator.h"

namespace atoll::auth {

class AnonymousAuthenticator final : public Authenticator {
 public:
  Task<absl::StatusOr<std::optional<User>>> Authenticate(const http::Request& request) override;
};

}  // namespace atoll::auth
