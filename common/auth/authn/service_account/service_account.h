// Service accounts: tokens that this fleet signed for them, bound (TokenRequest) and legacy (kept in a Secret). Claims
// as in spec/tenancy.md 5.9 and spec/api-machinery.md 9.2.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/auth/authenticator.h"
#include "common/auth/jwt.h"
#include "common/auth/secret_digest.h"
#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/path/path.h"

namespace atoll::auth {

// What must be known of a ServiceAccount or a Secret to honour a token bound to it.
struct BoundObject {
  std::string uid;
  absl::Time deleted_at = absl::InfiniteFuture();  // metadata.deletionTimestamp
  std::optional<SecretDigest> token;               // Secrets: of data.token; what a legacy token must equal
  bool invalidated = false;                        // Secrets: label kubernetes.io/legacy-token-invalid-since is set
  std::string last_used;                           // Secrets: label kubernetes.io/legacy-token-last-used, a day
};

// Reads the objects that tokens name: in the local store, or, for logical clusters elsewhere, through another shard.
// Any loop.
class ServiceAccountLookup {
 public:
  virtual ~ServiceAccountLookup() = default;
  // nullopt: no such object.
  virtual Task<absl::StatusOr<std::optional<BoundObject>>> ServiceAccount(LogicalClusterId cluster, std::string ns,
                                                                          std::string name) = 0;
  virtual Task<absl::StatusOr<std::optional<BoundObject>>> Secret(LogicalClusterId cluster, std::string ns,
                                                                  std::string name) = 0;
  // A legacy token was honoured on `day` (YYYY-MM-DD), for the first time then: its Secret should say so. Best effort.
  virtual Task<void> NoteUse(LogicalClusterId cluster, std::string ns, std::string secret, std::string day) = 0;
};

inline constexpr std::string_view kServiceAccountPrefix = "system:serviceaccount:";
inline constexpr std::string_view kServiceAccountsGroup = "system:serviceaccounts";
// `system:serviceaccount:<ns>:<name>`, split; false for any other user name.
bool SplitServiceAccount(std::string_view user_name, std::string_view* ns, std::string_view* name);

struct ServiceAccountRef {
  LogicalClusterId cluster;
  std::string ns, name, uid;
};

struct BoundTokenOptions {
  std::string issuer;
  std::vector<std::string> audiences;
  absl::Time now;
  absl::Duration lifetime;
  std::string secret_name, secret_uid;  // when the token is bound to a Secret
  std::string id;                       // jti, a UUID
};
json::Value BoundTokenClaims(const ServiceAccountRef& account, const BoundTokenOptions& options);
// The claims of a token that lives in a Secret. No expiry: it dies with the Secret.
json::Value LegacyTokenClaims(const ServiceAccountRef& account, std::string_view secret_name);

class ServiceAccountAuthenticator final : public TokenAuthenticator {
 public:
  struct Options {
    std::shared_ptr<const JwtVerifier> keys;
    std::vector<std::string> issuers;  // of bound tokens; the first one signs
    std::vector<std::string> api_audiences;
    ServiceAccountLookup* lookup = nullptr;  // null: signatures alone decide (`--service-account-lookup=false`)
    const Clock* clock = &SystemClock();
    size_t cache_entries_max = 8192;  // verified signatures; emptied when full
  };
  explicit ServiceAccountAuthenticator(Options options);
  ~ServiceAccountAuthenticator() override;

  // A token of another issuer is not of this kind. Only the signature's outcome is cached; expiry and existence are
  // checked each time, so deleting a ServiceAccount or a Secret takes effect at once.
  Task<absl::StatusOr<std::optional<User>>> AuthenticateToken(std::string token,
                                                              std::vector<std::string> audiences) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace atoll::auth
