#include "common/auth/authn/jwt_issuer/jwt_issuer.h"

#include <catch2/catch.hpp>

#include "common/auth/testing_provider.h"
#include "common/base/strings.h"
#include "common/json/parse.h"
#include "common/testing/run_task.h"

namespace atoll::auth {
namespace {

using ::atoll::testing::RunTask;
using testing::Provider;
using testing::ProviderKey;

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

JwtIssuerConfig Config(const std::string& url, const std::string& ca = "") {
  return {.url = url, .ca_pem = ca, .audiences = {"us"}, .username = {"sub", "p:"}};
}

json::Value Claims(const std::string& url, std::string_view more = "") {
  auto claims = json::Parse(StrCat(R"({"iss":")", url, R"(","aud":"us","sub":"ann","exp":1700000100)", more, "}"));
  REQUIRE(claims.ok());
  return *std::move(claims);
}

TEST_CASE("JWT: every algorithm of a provider, and no other", "[auth]") {
  for (const char* algorithm : {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"}) {
    CAPTURE(algorithm);
    ProviderKey key(algorithm, "k"), other(algorithm, "k");
    json::Value set = json::Value::MakeObject();
    set.Ensure({"keys"}) = json::Value(json::Array{key.Jwk()});
    auto verifier = JwtVerifier::FromJwks(set, {});
    REQUIRE(verifier.ok());
    const json::Value claims = Claims("https://a");
    CHECK((*verifier)->Verify(key.Sign(claims)).ok());
    CHECK_FALSE((*verifier)->Verify(other.Sign(claims)).ok());
    // CVE class "alg": what the header says is no reason to try another way of checking.
    for (const char* lie : {"none", "HS256", "RS256", "PS512", "ES256", "EdDSA", ""}) {
      if (std::string_view(lie) == algorithm) continue;
      CHECK_FALSE((*verifier)->Verify(key.Sign(claims, *lie == '\0' ? "x" : lie)).ok());
    }
    // Only what is allowed, and what the key is for.
    auto none = JwtVerifier::FromJwks(set, {"none", "HS256"});
    REQUIRE(none.ok());
    CHECK((*none)->size() == 0);
    json::Value bound = key.Jwk();
    bound.Ensure({"alg"}) = std::string_view(algorithm) == "RS512" ? "RS256" : "RS512";
    set.Ensure({"keys"}) = json::Value(json::Array{bound});
    auto wrong = JwtVerifier::FromJwks(set, {});
    REQUIRE(wrong.ok());
    CHECK_FALSE((*wrong)->Verify(key.Sign(claims)).ok());
  }
}

TEST_CASE("JWT: key sets that are no key sets", "[auth]") {
  for (const char* text : {"{}", "[]", R"({"keys":1})"})
    CHECK_FALSE(JwtVerifier::FromJwks(*json::Parse(text), {}).ok());
  for (const char* key : {"1", "{}", R"({"kty":"oct","k":"AA"})", R"({"kty":"RSA","n":"AQ","e":"AQAB"})",
                          R"({"kty":"RSA","n":"!","e":"AQAB"})", R"({"kty":"EC","crv":"P-256","x":"AA","y":"AA"})",
                          R"({"kty":"EC","crv":"P-999","x":"AA","y":"AA"})"}) {
    CAPTURE(key);
    auto set = JwtVerifier::FromJwks(*json::Parse(StrCat(R"({"keys":[)", key, "]}")), {});
    REQUIRE(set.ok());
    CHECK((*set)->size() == 0);
  }
  // A point that is not on the curve.
  const std::string half = testing::Url64(std::string(32, '\x01'));
  auto off = JwtVerifier::FromJwks(
      *json::Parse(StrCat(R"({"keys":[{"kty":"EC","crv":"P-256","x":")", half, R"(","y":")", half, R"("}]})")), {});
  REQUIRE(off.ok());
  CHECK((*off)->size() == 0);
  std::string many = R"({"keys":[{})";
  for (int i = 0; i < 64; ++i) many += ",{}";
  CHECK_FALSE(JwtVerifier::FromJwks(*json::Parse(many + "]}"), {}).ok());
}

TEST_CASE("OpenID: from claims to a user", "[auth]") {
  JwtIssuerConfig config = Config("https://a");
  config.groups = PrefixedClaim{"groups", "g:"};
  config.uid_claim = "uid";
  config.required_claims = {{"hd", "x"}};
  auto user = UserFromClaims(
      config, Claims("https://a", R"(,"groups":["b","c"],"uid":"u","hd":"x","jti":"j","nbf":1700000200)"), kNow);
  REQUIRE(user.ok());
  CHECK(user->name == "p:ann");
  CHECK(user->uid == "u");
  CHECK(user->groups == std::vector<std::string>{"g:b", "g:c"});
  CHECK(user->extra ==
        std::map<std::string, std::vector<std::string>>{{"authentication.kubernetes.io/credential-id", {"JTI=j"}}});
  user = UserFromClaims(config, Claims("https://a", R"(,"groups":"b","uid":"u","hd":"x")"), kNow);
  REQUIRE(user.ok());
  CHECK(user->groups == std::vector<std::string>{"g:b"});

  struct Case {
    const char* claims;
    const char* error;
  };
  config.required_claims.clear();
  config.uid_claim.clear();
  for (const Case& c : std::vector<Case>{
           {R"({"iss":"https://b","aud":"us","sub":"ann","exp":1700000100})", "the token is of another issuer"},
           {R"({"iss":"https://a/","aud":"us","sub":"ann","exp":1700000100})", "the token is of another issuer"},
           {R"({"iss":"https://a","aud":"us","sub":"ann"})", "the token has no expiry"},
           {R"({"iss":"https://a","aud":"us","sub":"ann","exp":"1700000100"})", "the token has no expiry"},
           {R"({"iss":"https://a","aud":"us","sub":"ann","exp":1e300})", "the token has no expiry"},
           {R"({"iss":"https://a","aud":"us","sub":"ann","exp":1699999999})", "the token has expired"},
           {R"({"iss":"https://a","aud":"us","sub":"ann","exp":1700000100,"nbf":1700000301})",
            "the token is not valid yet"},
           {R"({"iss":"https://a","aud":"us","sub":"ann","exp":1700000100,"nbf":"x"})", "the token is not valid yet"},
           {R"({"iss":"https://a","sub":"ann","exp":1700000100})", "the token is for another audience"},
           {R"({"iss":"https://a","aud":["them"],"sub":"ann","exp":1700000100})", "the token is for another audience"},
           {R"({"iss":"https://a","aud":["them","us"],"exp":1700000100})", "the token has no text in claim sub"},
           {R"({"iss":"https://a","aud":"us","sub":"","exp":1700000100})", "the token names nobody"},
           {R"({"iss":"https://a","aud":"us","sub":1,"exp":1700000100})", "the token has no text in claim sub"},
           {R"({"iss":"https://a","aud":"us","sub":"ann","exp":1700000100,"groups":[1]})",
            "the token's groups are no list of texts"}}) {
    CAPTURE(c.claims);
    CHECK(ToStd(UserFromClaims(config, *json::Parse(c.claims), kNow).status().message()) == c.error);
  }
  config.required_claims = {{"hd", "x"}};
  CHECK_FALSE(UserFromClaims(config, Claims("https://a"), kNow).ok());
  CHECK_FALSE(UserFromClaims(config, Claims("https://a", R"(,"hd":"z")"), kNow).ok());

  JwtIssuerConfig email = Config("https://a");
  email.username = {"email", ""};
  CHECK(UserFromClaims(email, Claims("https://a", R"(,"email":"a@b")"), kNow).ok());
  CHECK(UserFromClaims(email, Claims("https://a", R"(,"email":"a@b","email_verified":true)"), kNow).ok());
  CHECK_FALSE(UserFromClaims(email, Claims("https://a", R"(,"email":"a@b","email_verified":false)"), kNow).ok());
  CHECK_FALSE(UserFromClaims(email, Claims("https://a", R"(,"email":"a@b","email_verified":"true")"), kNow).ok());
}

Task<std::string> NameOf(TokenAuthenticator& from, std::string token) {
  auto user = co_await from.AuthenticateToken(std::move(token), {});
  if (!user.ok()) co_return StrCat("refused: ", ToStd(user.status().message()));
  co_return user->has_value() ? (*user)->name : "not mine";
}

TEST_CASE("OpenID: keys are fetched, rotated, and not fetched too often", "[auth]") {
  RunTask([]() -> Task<void> {
    Provider provider;
    provider.Start();
    ProviderKey first("RS256", "1"), second("ES256", "2"), third("ES256", "3");
    provider.keys = {first.Jwk()};
    ManualClock clock(kNow);
    auto made = JwtIssuer::Create(Config(provider.url, provider.ca_pem), *Loop::Current(), &clock,
                                  {.pause = absl::ZeroDuration()});
    REQUIRE(made.ok());
    JwtIssuer& issuer = **made;
    const json::Value claims = Claims(provider.url);
    CHECK(co_await NameOf(issuer, "not.a.token") == "not mine");
    CHECK(co_await NameOf(issuer, first.Sign(Claims("https://else"))) == "not mine");
    CHECK(provider.requests == 0);
    CHECK(co_await NameOf(issuer, first.Sign(claims)) == "p:ann");
    CHECK(provider.requests == 2);  // the document and the keys
    CHECK(co_await NameOf(issuer, first.Sign(claims)) == "p:ann");
    CHECK(provider.requests == 2);
    // A key that is not there yet is looked for; one that went away is gone with the next fetch.
    provider.keys = {second.Jwk()};
    CHECK(co_await NameOf(issuer, second.Sign(claims)) == "p:ann");
    CHECK(provider.requests == 4);
    CHECK(co_await NameOf(issuer, first.Sign(claims)) == "refused: token signed by no known key");
    CHECK(provider.requests == 6);
    // Every unknown name asks only as often as the pause allows.
    auto patient =
        JwtIssuer::Create(Config(provider.url, provider.ca_pem), *Loop::Current(), &clock, {.pause = absl::Hours(1)});
    REQUIRE(patient.ok());
    CHECK(co_await NameOf(**patient, second.Sign(claims)) == "p:ann");
    CHECK(provider.requests == 8);
    CHECK(co_await NameOf(**patient, third.Sign(claims)) == "refused: token signed by no known key");
    CHECK(provider.requests == 8);
    clock.Advance(absl::Seconds(101));
    CHECK(co_await NameOf(**patient, second.Sign(claims)) == "refused: the token has expired");
    co_await provider.Stop();
  }());
}

TEST_CASE("OpenID: providers that cannot be believed", "[auth]") {
  RunTask([]() -> Task<void> {
    Provider provider, stranger;
    provider.Start();
    ProviderKey key("RS256", "1");
    provider.keys = {key.Jwk()};
    ManualClock clock(kNow);
    auto ask = [&](const std::string& ca) -> Task<std::string> {
      auto made = JwtIssuer::Create(Config(provider.url, ca), *Loop::Current(), &clock);
      REQUIRE(made.ok());
      co_return co_await NameOf(**made, key.Sign(Claims(provider.url)));
    };
    const std::string unknown = "refused: the issuer's keys are not known";
    CHECK(co_await ask(stranger.ca_pem) == unknown);
    CHECK(co_await ask("") == unknown);  // nor does this machine trust it
    CHECK(provider.requests == 0);
    provider.code = 500;
    CHECK(co_await ask(provider.ca_pem) == unknown);
    provider.code = 302;
    CHECK(co_await ask(provider.ca_pem) == unknown);  // CVE-2020-8559, CVE-2022-3172: no redirect is followed
    provider.code = 200;
    provider.issuer = "https://another.example";
    CHECK(co_await ask(provider.ca_pem) == unknown);
    provider.issuer = provider.url;
    CHECK(co_await ask(provider.ca_pem) == "p:ann");
    co_await provider.Stop();
  }());
}

TEST_CASE("OpenID: a changed configuration takes effect, and keys of what stays are kept", "[auth]") {
  RunTask([]() -> Task<void> {
    Provider provider;
    provider.Start();
    ProviderKey key("RS256", "1");
    provider.keys = {key.Jwk()};
    ManualClock clock(kNow);
    JwtIssuers issuers(*Loop::Current(), &clock);
    const std::string token = key.Sign(Claims(provider.url));
    CHECK(co_await NameOf(issuers, token) == "not mine");
    JwtIssuerConfig config = Config(provider.url, provider.ca_pem), other = Config("https://other.example");
    CHECK(issuers.Set({config}).ok());
    CHECK(co_await NameOf(issuers, token) == "p:ann");
    CHECK(issuers.Set({other, config}).ok());
    CHECK(co_await NameOf(issuers, token) == "p:ann");
    CHECK(provider.requests == 2);
    config.username.prefix = "q:";
    CHECK(issuers.Set({config}).ok());
    CHECK(co_await NameOf(issuers, token) == "q:ann");
    CHECK(issuers.Set({}).ok());
    CHECK(co_await NameOf(issuers, token) == "not mine");
    co_await provider.Stop();
  }());
}

}  // namespace
}  // namespace atoll::auth
