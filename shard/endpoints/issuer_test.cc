#include "shard/endpoints/issuer.h"

#include <catch2/catch.hpp>

#include "shard/endpoints/harness.h"

namespace atoll::endpoints::testing {
namespace {

constexpr char kConfiguration[] = "/clusters/root/.well-known/openid-configuration";
constexpr char kKeys[] = "/clusters/root/openid/v1/jwks";

TEST_CASE("issuer discovery: both documents", "[endpoints]") {
  ApiHarness api;
  const Answer configuration = api.Get(kConfiguration, {{"x-test-user", "admin"}});
  CHECK(configuration.code == 200);
  CHECK(configuration.headers.Get("content-type") == "application/json");
  CHECK(configuration.headers.Get("cache-control") == "public, max-age=3600");
  CHECK(configuration.body == R"({"issuer":"https://issuer.test","jwks_uri":"https://here.test/openid/v1/jwks",)"
                              R"("response_types_supported":["id_token"],"subject_types_supported":["public"],)"
                              R"("id_token_signing_alg_values_supported":["RS256"]})");
  const Answer keys = api.Get(kKeys, {{"x-test-user", "admin"}});
  CHECK(keys.code == 200);
  CHECK(keys.headers.Get("content-type") == "application/jwk-set+json");
  CHECK(keys.body == R"({"keys":[{"alg":"RS256"}]})");
}

TEST_CASE("issuer discovery: who may not, what is not there", "[endpoints]") {
  ApiHarness api;
  CHECK(api.Get(kKeys, {{"x-test-user", "nobody"}}).code == 403);
  struct Row {
    const char *method, *target, *accept;
    int code;
  };
  const Row rows[] = {
      {"GET", kKeys, "*/*", 200},
      {"GET", kKeys, "text/html, application/*;q=0.8", 200},
      {"GET", kKeys, "application/json", 406},
      {"GET", kConfiguration, "application/json, */*", 200},
      {"HEAD", kConfiguration, "", 200},
      {"POST", kConfiguration, "", 405},
      {"GET", "/clusters/root/openid/v1/other", "", 404},
      {"GET", "/clusters/root/.well-known/other", "", 404},
  };
  for (const Row& row : rows) {
    CAPTURE(row.method, row.target, row.accept);
    ApiHarness::HeaderList headers = {{"x-test-user", "admin"}};
    if (*row.accept != 0) headers.emplace_back("accept", row.accept);
    CHECK(api.Do(row.method, row.target, "", headers).code == row.code);
  }
}

TEST_CASE("issuer discovery: only an https issuer is published", "[endpoints]") {
  for (const char* issuer :
       {"", "kubernetes/serviceaccount", "http://a.test", "https://a.test?q", "https://a.test#f"}) {
    CAPTURE(issuer);
    CHECK_FALSE(IssuerDiscovery({.issuer = issuer}).published());
  }
  CHECK(IssuerDiscovery({.issuer = "https://a.test/path"}).published());
}

}  // namespace
}  // namespace atoll::endpoints::testing
