#include "common/auth/authn/bearer/bearer.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "common/base/strings.h"

namespace atoll::auth {

std::string_view BearerToken(const http::Request& request) {
  std::string_view value = ToStd(absl::StripAsciiWhitespace(ToAbsl(request.headers.Get("authorization"))));
  const size_t space = value.find(' ');
  if (space == std::string_view::npos || !absl::EqualsIgnoreCase(ToAbsl(value.substr(0, space)), "bearer")) return {};
  value = ToStd(absl::StripAsciiWhitespace(ToAbsl(value.substr(space))));
  // As in Kubernetes: only the first word counts.
  return value.substr(0, value.find(' '));
}

Task<absl::StatusOr<std::optional<User>>> BearerAuthenticator::Authenticate(const http::Request& request) {
  const std::string_view token = BearerToken(request);
  if (token.empty()) co_return std::optional<User>();
  auto user = co_await AuthenticateToken(std::string(token), {});
  if (user.ok() && !user->has_value()) co_return absl::UnauthenticatedError("invalid bearer token");
  co_return user;
}

Task<absl::StatusOr<std::optional<User>>> BearerAuthenticator::AuthenticateToken(std::string token,
                                                                                 std::vector<std::string> audiences) {
  if (token.size() > kTokenBytesMax) co_return absl::UnauthenticatedError("token too long");
  absl::Status failure;
  for (const auto& method : methods_) {
    auto user = co_await method->AuthenticateToken(token, audiences);
    if (!user.ok()) {
      failure.Update(user.status());
    } else if (user->has_value()) {
      co_return user;
    }
  }
  if (!failure.ok()) co_return failure;
  co_return std::optional<User>();
}

}  // namespace atoll::auth
