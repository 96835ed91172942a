// Request header: identity headers (identity_headers.h) are believed when, and only when, the connection's client
// certificate verifies against the request-header CA and its CN is an allowed one. Strips nothing itself.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/auth/authn/x509/x509.h"
#include "common/auth/identity_headers.h"

namespace atoll::auth {

class RequestHeaderAuthenticator final : public Authenticator {
 public:
  struct Options {
    std::shared_ptr<const tls::TrustPool> trust;
    std::vector<std::string> allowed_names;  // common names; empty: any
    IdentityHeaderNames names;
    const Clock* clock = &SystemClock();
  };
  explicit RequestHeaderAuthenticator(Options options);

  // Headers from a peer that may not assert them count as absent: such a peer is judged by its own credentials.
  Task<absl::StatusOr<std::optional<User>>> Authenticate(const http::Request& request) override;

 private:
  const Options options_;
  X509Authenticator peer_;  // with its cache
};

}  // namespace atoll::auth
