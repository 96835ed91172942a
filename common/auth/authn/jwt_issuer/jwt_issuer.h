// Tokens of OpenID providers (spec/api-machinery.md 9.3): one JwtIssuer a provider, JwtIssuers for all that a
// configuration names, replaced as a whole when it changes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "common/auth/authenticator.h"
#include "common/auth/authn/jwt_issuer/config.h"
#include "common/auth/authn/jwt_issuer/key_source.h"
#include "common/base/clock.h"

namespace atoll::auth {

// The user that verified claims describe. Errors: Unauthenticated. Pure.
absl::StatusOr<User> UserFromClaims(const JwtIssuerConfig& config, const json::Value& claims, absl::Time now);

// Thread-safe.
class JwtIssuer final : public TokenAuthenticator {
 public:
  static absl::StatusOr<std::shared_ptr<JwtIssuer>> Create(JwtIssuerConfig config, Loop& loop, const Clock* clock,
                                                           KeySource::Options options = {});
  const JwtIssuerConfig& config() const { return config_; }
  // Any other issuer's token is not of this kind. The first token waits for the provider's keys.
  Task<absl::StatusOr<std::optional<User>>> AuthenticateToken(std::string token,
                                                              std::vector<std::string> audiences) override;

 private:
  JwtIssuer(JwtIssuerConfig config, std::unique_ptr<KeySource> keys, const Clock* clock)
      : config_(std::move(config)), keys_(std::move(keys)), clock_(clock) {}
  const JwtIssuerConfig config_;
  const std::unique_ptr<KeySource> keys_;
  const Clock* const clock_;
};

// Thread-safe.
class JwtIssuers final : public TokenAuthenticator {
 public:
  // Keys are fetched on `loop`, which outlives it.
  JwtIssuers(Loop& loop, const Clock* clock) : loop_(loop), clock_(clock) {}
  // Replaces what there is; a provider whose configuration stays keeps its keys. Errors leave everything as it was.
  absl::Status Set(const std::vector<JwtIssuerConfig>& configs);
  Task<absl::StatusOr<std::optional<User>>> AuthenticateToken(std::string token,
                                                              std::vector<std::string> audiences) override;

 private:
  using List = std::vector<std::shared_ptr<JwtIssuer>>;
  std::shared_ptr<const List> Get() const;

  Loop& loop_;
  const Clock* const clock_;
  mutable absl::Mutex mutex_;
  std::shared_ptr<const List> list_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace atoll::auth
