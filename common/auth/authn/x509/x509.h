// X.509: a client certificate that verifies against the client CA names its user: CN is the name, each O a group.
#pragma once

#include <memory>

#include "common/auth/authenticator.h"
#include "common/base/clock.h"
#include "common/tls/certificates.h"

namespace atoll::auth {

// A verification costs about 100 us; a connection sends thousands of requests with one certificate. So outcomes, good
// and bad, are kept by the leaf's SHA-256 (the handshake has proved that the peer holds its key).
class X509Authenticator final : public Authenticator {
 public:
  struct Options {
    std::shared_ptr<const tls::TrustPool> trust;
    const Clock* clock = &SystemClock();
    size_t cache_entries_max = 4096;               // the cache is emptied when full
    absl::Duration cache_ttl = absl::Minutes(10);  // or until the leaf expires, whichever is first
  };
  explicit X509Authenticator(Options options);
  ~X509Authenticator() override;

  Task<absl::StatusOr<std::optional<User>>> Authenticate(const http::Request& request) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace atoll::auth
