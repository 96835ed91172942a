#include "common/auth/authn/union/union.h"

#include "common/api/errors.h"

namespace atoll::auth {

void AddAuthenticatedGroup(User* user) {
  if (user->name == kAnonymous || user->InGroup(kAuthenticated) || user->InGroup(kUnauthenticated)) return;
  user->groups.emplace_back(kAuthenticated);
}

Task<absl::StatusOr<std::optional<User>>> UnionAuthenticator::Authenticate(const http::Request& request) {
  bool failed = false;
  for (const auto& method : methods_) {
    auto user = co_await method->Authenticate(request);
    if (!user.ok()) {
      failed = true;  // why is nobody's business but ours, and a guesser could make it a flood of log lines
    } else if (user->has_value()) {
      AddAuthenticatedGroup(&**user);
      co_return user;
    }
  }
  if (failed || anonymous_ == nullptr) co_return api::Unauthorized();
  auto anonymous = co_await anonymous_->Authenticate(request);
  if (!anonymous.ok()) co_return api::Unauthorized();
  co_return anonymous;
}

}  // namespace atoll::auth
