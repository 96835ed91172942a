// KeySource: the public keys of an OpenID provider, fetched over HTTPS: discovery document, then key set (OpenID
// Connect Discovery 1.0 section 4). Fetched when first needed, again when a token names a key that is not there, and
// once an hour; at most once in `pause`, whoever asks. Redirects are not followed, bodies and their time are bounded.
//
// Thread-safe; the fetch runs on one loop, which outlives it. Whoever waits for it waits on its own loop.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/auth/authn/jwt_issuer/config.h"
#include "common/auth/jwt.h"
#include "common/loop/loop.h"
#include "common/loop/task.h"

namespace atoll::auth {

class KeySource {
 public:
  struct Options {
    absl::Duration pause = absl::Seconds(10);    // between fetches
    absl::Duration refresh = absl::Hours(1);     // keys older than this are fetched again, beside their use
    absl::Duration timeout = absl::Seconds(10);  // of one fetch
    size_t waiting_max = 1024;                   // requests that wait for a fetch; beyond it they get what there is
  };
  // Errors: InvalidArgument for an authority that holds no certificate.
  static absl::StatusOr<std::unique_ptr<KeySource>> Create(const JwtIssuerConfig& config, Loop& loop, Options options);
  ~KeySource();

  using Keys = std::shared_ptr<const JwtVerifier>;
  // What there is; null before the first fetch has succeeded.
  Keys Current() const;
  // After a fetch, unless one was made too recently. On any loop.
  Task<Keys> Fresh();

 private:
  struct Impl;
  explicit KeySource(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace atoll::auth
