// Tokens, key sets and configurations of OpenID providers: hostile bytes end in an error. The first line is the key
// set, the second the token; all of it is the configuration.
#include <cstdint>

#include "common/auth/authn/jwt_issuer/jwt_issuer.h"
#include "common/base/check.h"
#include "common/json/parse.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace atoll;        // NOLINT
  using namespace atoll::auth;  // NOLINT
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::string_view first = input.substr(0, input.find('\n'));
  const std::string_view token = first.size() < input.size() ? input.substr(first.size() + 1) : "";
  if (auto jwks = json::Parse(first, {.depth_max = 16}); jwks.ok()) {
    if (auto keys = JwtVerifier::FromJwks(*jwks, {}); keys.ok()) {
      CHECK((*keys)->size() <= JwtVerifier::kKeysMax);
      (void)(*keys)->Verify(token);
      (void)(*keys)->HasKeyOf(token);
    }
    // As claims, too: whatever a provider has signed.
    const JwtIssuerConfig config{.url = "https://a", .audiences = {"us"}, .username = {"sub", ""}};
    const auto user = UserFromClaims(config, *jwks, absl::FromUnixSeconds(1'700'000'000));
    if (user.ok()) CHECK(!user->name.empty());
  }
  (void)PeekClaims(token);
  if (auto read = AuthenticationConfiguration::Parse(input, {}); read.ok())
    CHECK(read->jwt.size() <= AuthenticationConfiguration::kIssuersMax);
  return 0;
}
