#include "common/auth/authn/all.h"

#include <utility>

#include "common/auth/authn/anonymous/anonymous.h"
#include "common/auth/authn/bearer/bearer.h"
#include "common/auth/authn/union/union.h"
#include "common/auth/authn/websocket/websocket.h"

namespace atoll::auth {
namespace {

using Made = std::unique_ptr<Authenticator>;
using MadeToken = std::unique_ptr<TokenAuthenticator>;

Made NewRequestHeader(AuthenticationOptions& o) {
  if (o.request_header_ca == nullptr) return nullptr;
  return std::make_unique<RequestHeaderAuthenticator>(
      RequestHeaderAuthenticator::Options{.trust = o.request_header_ca,
                                          .allowed_names = o.request_header_allowed_names,
                                          .names = o.request_header_names,
                                          .clock = o.clock});
}

Made NewX509(AuthenticationOptions& o) {
  if (o.client_ca == nullptr) return nullptr;
  return std::make_unique<X509Authenticator>(X509Authenticator::Options{.trust = o.client_ca, .clock = o.clock});
}

MadeToken NewAdminTokens(AuthenticationOptions& o) {
  if (o.admin_tokens.empty()) return nullptr;
  return std::make_unique<AdminTokenAuthenticator>(std::move(o.admin_tokens));
}

MadeToken NewTokenFile(AuthenticationOptions& o) { return std::move(o.token_file); }

MadeToken NewServiceAccounts(AuthenticationOptions& o) {
  if (o.service_accounts.keys == nullptr) return nullptr;
  return std::make_unique<ServiceAccountAuthenticator>(std::move(o.service_accounts));
}

MadeToken NewJwtIssuers(AuthenticationOptions& o) { return std::move(o.jwt_issuers); }

// The order you read is the order that is tried; behind them come the bearer tokens, then anonymous.
constexpr Made (*kMethods[])(AuthenticationOptions&) = {&NewRequestHeader, &NewX509};
constexpr MadeToken (*kTokenMethods[])(AuthenticationOptions&) = {&NewAdminTokens, &NewTokenFile, &NewServiceAccounts,
                                                                  &NewJwtIssuers};

}  // namespace

Authentication NewAuthentication(AuthenticationOptions options) {
  std::vector<Made> methods;
  for (auto make : kMethods) {
    if (Made made = make(options)) methods.push_back(std::move(made));
  }
  std::vector<MadeToken> token_methods;
  for (auto make : kTokenMethods) {
    if (MadeToken made = make(options)) token_methods.push_back(std::move(made));
  }
  auto bearer = std::make_unique<BearerAuthenticator>(std::move(token_methods));
  Authentication out;
  out.tokens = bearer.get();
  methods.push_back(std::move(bearer));
  methods.push_back(std::make_unique<WebSocketAuthenticator>(out.tokens));
  out.requests = std::make_unique<UnionAuthenticator>(
      std::move(methods),
      options.anonymous ? std::make_unique<AnonymousAuthenticator>(std::move(options.anonymous_paths)) : nullptr);
  return out;
}

}  // namespace atoll::auth
