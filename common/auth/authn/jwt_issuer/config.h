// Configuration of OpenID providers whose tokens are believed: AuthenticationConfiguration of apiserver.config.k8s.io
// (v1, v1beta1), the --oidc-* flags, and the entries of a WorkspaceAuthenticationConfiguration (spec/api-machinery.md
// 9.3, spec/tenancy.md 2.13). Expressions (CEL) are refused: a rule that was not evaluated would let in whom it keeps
// out.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/config/object_reader.h"

namespace atoll::auth {

struct PrefixedClaim {
  std::string claim, prefix;
  friend bool operator==(const PrefixedClaim&, const PrefixedClaim&) = default;
};

struct JwtIssuerConfig {
  std::string url;            // what `iss` must be
  std::string discovery_url;  // of the discovery document; below `url` when empty
  std::string ca_pem;         // the machine's authorities when empty
  std::vector<std::string> audiences;
  std::vector<std::string> algorithms;  // empty: all that jwt.h knows
  PrefixedClaim username;
  std::optional<PrefixedClaim> groups;
  std::string uid_claim;                                             // "": none
  std::vector<std::pair<std::string, std::string>> required_claims;  // claim, value
  friend bool operator==(const JwtIssuerConfig&, const JwtIssuerConfig&) = default;
};

struct AnonymousConfig {
  bool enabled = false;
  std::vector<std::string> paths;  // empty: all
  friend bool operator==(const AnonymousConfig&, const AnonymousConfig&) = default;
};

struct AuthenticationConfiguration {
  std::vector<JwtIssuerConfig> jwt;
  std::optional<AnonymousConfig> anonymous;

  static constexpr size_t kIssuersMax = 64;
  // The text of a --authentication-config file. Errors: InvalidArgument that names every field.
  // `own_issuers` sign service account tokens: no provider may have their name.
  static absl::StatusOr<AuthenticationConfiguration> Parse(std::string_view text,
                                                           const std::vector<std::string>& own_issuers);
};

// The entries of a `jwt` list; what is wrong goes to `errors`.
std::vector<JwtIssuerConfig> ReadJwtIssuers(config::ObjectReader& from, const std::vector<std::string>& own_issuers,
                                            api::FieldErrors* errors);

// The values of the --oidc-* flags.
struct OidcFlags {
  std::string issuer_url, client_id, ca_file;
  std::string username_claim = "sub", username_prefix, groups_claim, groups_prefix;
  std::vector<std::string> signing_algs = {"RS256"};
  std::vector<std::string> required_claims;  // claim=value

  bool given() const { return !issuer_url.empty() || !client_id.empty(); }
  // Reads ca_file; blocks. Errors name the flag.
  absl::StatusOr<JwtIssuerConfig> ToConfig(const std::vector<std::string>& own_issuers) const;
};

}  // namespace atoll::auth
