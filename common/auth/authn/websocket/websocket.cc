#include "common/auth/authn/websocket/websocket.h"

#include "common/base/encoding.h"
#include "common/http/websocket/handshake.h"

namespace atoll::auth {

namespace websocket = http::websocket;

Task<absl::StatusOr<std::optional<User>>> WebSocketAuthenticator::Authenticate(const http::Request& request) {
  if (!websocket::Wanted(request)) co_return std::optional<User>();
  std::optional<std::string_view> encoded;
  bool others = false;
  for (std::string_view protocol : websocket::OfferedProtocols(request.headers)) {
    if (!protocol.starts_with(websocket::kTokenProtocolPrefix)) {
      others = true;
    } else if (encoded) {
      co_return absl::UnauthenticatedError("several tokens");
    } else {
      encoded = protocol.substr(websocket::kTokenProtocolPrefix.size());
    }
  }
  if (!encoded) co_return std::optional<User>();
  if (!others) co_return absl::UnauthenticatedError("a token needs another sub-protocol beside it");
  auto token = Base64Decode(*encoded, Base64::kUrlRaw);
  if (!token || token->empty()) co_return absl::UnauthenticatedError("malformed token");
  auto user = co_await tokens_->AuthenticateToken(*std::move(token), {});
  if (user.ok() && !user->has_value()) co_return absl::UnauthenticatedError("invalid bearer token");
  co_return user;
}

}  // namespace atoll::auth
