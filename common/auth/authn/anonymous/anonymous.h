// Anonymous: whoever brings no credentials is system:anonymous. Last in the table; never reached by bad credentials.
#pragma once

#include "common/auth/authenticator.h"

namespace atoll::auth {

class AnonymousAuthenticator final : public Authenticator {
 public:
  // `paths`: the only ones (without a cluster's prefix) that may be asked anonymously; empty: all.
  explicit AnonymousAuthenticator(std::vector<std::string> paths = {}) : paths_(std::move(paths)) {}
  // Errors: Unauthenticated for another path.
  Task<absl::StatusOr<std::optional<User>>> Authenticate(const http::Request& request) override;

 private:
  const std::vector<std::string> paths_;
};

}  // namespace atoll::auth
