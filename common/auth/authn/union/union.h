// Union: the methods in order; the first success wins. A method's failure alone does not stop the others, but when any
// failed and none succeeded the request is Unauthenticated, even with anonymous access on (spec/api-machinery.md 9.1).
#pragma once

#include <memory>
#include <vector>

#include "common/auth/authenticator.h"

namespace atoll::auth {

class UnionAuthenticator final : public Authenticator {
 public:
  // `anonymous` may be null: then a request without credentials is Unauthenticated.
  UnionAuthenticator(std::vector<std::unique_ptr<Authenticator>> methods, std::unique_ptr<Authenticator> anonymous)
      : methods_(std::move(methods)), anonymous_(std::move(anonymous)) {}

  // Never nullopt. The user has system:authenticated unless it is anonymous. Errors: Unauthenticated only, answered as
  // 401.
  Task<absl::StatusOr<std::optional<User>>> Authenticate(const http::Request& request) override;

 private:
  std::vector<std::unique_ptr<Authenticator>> methods_;
  std::unique_ptr<Authenticator> anonymous_;
};

// Adds system:authenticated unless the user is in it or in system:unauthenticated, or is system:anonymous.
void AddAuthenticatedGroup(User* user);

}  // namespace atoll::auth
