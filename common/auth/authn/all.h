// The table of authenticators: which methods there are, and in which order they are tried (spec/api-machinery.md 9.1).
#pragma once

#include <memory>
#include <vector>

#include "common/auth/authenticator.h"
#include "common/auth/authn/admin_tokens/admin_tokens.h"
#include "common/auth/authn/jwt_issuer/jwt_issuer.h"
#include "common/auth/authn/request_header/request_header.h"
#include "common/auth/authn/service_account/service_account.h"
#include "common/auth/authn/token_file/token_file.h"
#include "common/auth/authn/x509/x509.h"

namespace atoll::auth {

// What a binary offers. A method without its settings is left out.
struct AuthenticationOptions {
  std::shared_ptr<const tls::TrustPool> request_header_ca;
  std::vector<std::string> request_header_allowed_names;
  IdentityHeaderNames request_header_names;
  std::shared_ptr<const tls::TrustPool> client_ca;
  std::vector<AdminToken> admin_tokens;
  std::unique_ptr<TokenFileAuthenticator> token_file;
  ServiceAccountAuthenticator::Options service_accounts;  // used when `keys` is set
  std::unique_ptr<JwtIssuers> jwt_issuers;                // OpenID providers
  bool anonymous = true;
  std::vector<std::string> anonymous_paths;  // empty: all
  const Clock* clock = &SystemClock();
};

struct Authentication {
  std::unique_ptr<Authenticator> requests;  // never answers nullopt
  TokenAuthenticator* tokens = nullptr;     // owned by `requests`; what TokenReview asks
};

Authentication NewAuthentication(AuthenticationOptions options);

}  // namespace atoll::auth
