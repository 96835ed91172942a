#include "common/auth/authn/request_header/request_header.h"

#include <algorithm>

namespace atoll::auth {

RequestHeaderAuthenticator::RequestHeaderAuthenticator(Options options)
    : options_(std::move(options)), peer_({.trust = options_.trust, .clock = options_.clock}) {}

Task<absl::StatusOr<std::optional<User>>> RequestHeaderAuthenticator::Authenticate(const http::Request& request) {
  if (request.peer_certificates == nullptr) co_return std::optional<User>();
  User user = ReadIdentityHeaders(request.headers, options_.names);
  if (user.name.empty()) co_return std::optional<User>();
  auto peer = co_await peer_.Authenticate(request);
  if (!peer.ok() || !peer->has_value()) co_return std::optional<User>();
  const auto& allowed = options_.allowed_names;
  if (!allowed.empty() && std::find(allowed.begin(), allowed.end(), (*peer)->name) == allowed.end())
    co_return std::optional<User>();
  co_return std::optional<User>(std::move(user));
}

}  // namespace atoll::auth
