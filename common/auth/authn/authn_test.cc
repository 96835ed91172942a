#include "common/auth/authn/all.h"

#include <catch2/catch.hpp>

#include "common/auth/authn/admin_tokens/admin_tokens.h"
#include "common/auth/authn/bearer/bearer.h"
#include "common/auth/authn/union/union.h"
#include "common/auth/testing_keys.h"
#include "common/auth/testing_run.h"

namespace atoll::auth {
namespace {

using testing::RunNow;

http::Request WithToken(std::string_view value) {
  http::Request request;
  if (!value.empty()) request.headers.Add("authorization", value);
  return request;
}

struct FakeLookup final : ServiceAccountLookup {
  std::optional<BoundObject> account = BoundObject{.uid = "u1"}, secret;
  Task<absl::StatusOr<std::optional<BoundObject>>> ServiceAccount(LogicalClusterId, std::string, std::string) override {
    co_return account;
  }
  Task<absl::StatusOr<std::optional<BoundObject>>> Secret(LogicalClusterId, std::string, std::string) override {
    co_return secret;
  }
  Task<void> NoteUse(LogicalClusterId, std::string, std::string name, std::string day) override {
    uses.push_back(name + " " + day);
    co_return;
  }
  std::vector<std::string> uses;
};

TEST_CASE("bearer tokens are read as Kubernetes reads them") {
  const std::pair<const char*, const char*> cases[] = {
      {"Bearer abc", "abc"}, {"bearer abc", "abc"}, {"BEARER   abc ", "abc"}, {"Bearer a b", "a"},
      {"Basic abc", ""},     {"Bearer", ""},        {"Bearer ", ""},          {"abc", ""},
  };
  for (const auto& [value, want] : cases) {
    CAPTURE(value);
    const http::Request request = WithToken(value);
    CHECK(BearerToken(request) == want);
  }
}

TEST_CASE("token files") {
  auto parsed =
      TokenFileAuthenticator::FromCsv("# users\nt1,alice,u-1,\"a,b\"\r\n\nt2,\"bob \"\"the\"\" b\",u-2\nt3,carol,,c\n");
  REQUIRE(parsed.ok());
  auto alice = RunNow((*parsed)->AuthenticateToken("t1", {}));
  REQUIRE(alice->has_value());
  CHECK((*alice)->name == "alice");
  CHECK((*alice)->uid == "u-1");
  CHECK((*alice)->groups == std::vector<std::string>{"a", "b"});
  CHECK((*RunNow((*parsed)->AuthenticateToken("t2", {})))->name == "bob \"the\" b");
  CHECK_FALSE(RunNow((*parsed)->AuthenticateToken("t", {}))->has_value());
  for (const char* bad : {"t,u\n", "t,\"u,1\n", ",u,1\n", "t,u\"x\",1\n", "t,\"u\"x,1\n"}) {
    CAPTURE(bad);
    CHECK_FALSE(TokenFileAuthenticator::FromCsv(bad).ok());
  }
}

TEST_CASE("requests: the first success wins, bad credentials are never anonymous") {
  AuthenticationOptions options;
  options.admin_tokens = {
      {SecretDigest::Of("admin"), {.name = "kcp-admin", .uid = "1", .groups = {"system:kcp:admin"}, .extra = {}}}};
  options.token_file = *TokenFileAuthenticator::FromCsv("t1,alice,u-1\n");
  Authentication authentication = NewAuthentication(std::move(options));
  auto ask = [&](std::string_view header) {
    const http::Request request = WithToken(header);
    return RunNow(authentication.requests->Authenticate(request));
  };
  CHECK((*ask("Bearer admin"))->groups == std::vector<std::string>{"system:kcp:admin", "system:authenticated"});
  CHECK((*ask("Bearer t1"))->name == "alice");
  CHECK((*ask(""))->name == "system:anonymous");
  CHECK((*ask(""))->groups == std::vector<std::string>{"system:unauthenticated"});
  CHECK(absl::IsUnauthenticated(ask("Bearer nonsense").status()));
  CHECK_FALSE(RunNow(authentication.tokens->AuthenticateToken("nonsense", {}))->has_value());
}

TEST_CASE("without anonymous access, no credentials are no access") {
  AuthenticationOptions options;
  options.anonymous = false;
  Authentication authentication = NewAuthentication(std::move(options));
  const http::Request request;
  CHECK(absl::IsUnauthenticated(RunNow(authentication.requests->Authenticate(request)).status()));
}

TEST_CASE("identity headers without a certificate of the front proxy are ignored") {
  AuthenticationOptions options;
  Authentication authentication = NewAuthentication(std::move(options));
  http::Request request;
  request.headers.Add("x-remote-user", "root");
  request.headers.Add("x-remote-group", "system:masters");
  CHECK((*RunNow(authentication.requests->Authenticate(request)))->name == "system:anonymous");
}

struct ServiceAccountFixture {
  ManualClock clock;
  FakeLookup lookup;
  std::unique_ptr<JwtSigner> signer = *JwtSigner::FromPem(testing::RsaKey());
  std::shared_ptr<const JwtVerifier> verifier = *JwtVerifier::FromPems({testing::RsaKey()});
  ServiceAccountAuthenticator authenticator{
      {.keys = verifier, .issuers = {"iss"}, .api_audiences = {"api"}, .lookup = &lookup, .clock = &clock}};

  std::string Token(BoundTokenOptions o = {}) {
    if (o.issuer.empty()) o.issuer = "iss";
    if (o.audiences.empty()) o.audiences = {"api"};
    o.now = clock.Now();
    if (o.lifetime == absl::ZeroDuration()) o.lifetime = absl::Hours(1);
    if (o.id.empty()) o.id = "jti-1";
    return *signer->Sign(BoundTokenClaims({LogicalClusterId("abc"), "ns", "robot", "u1"}, o));
  }
  bool Accepts(const std::string& token, std::vector<std::string> audiences = {}) {
    auto user = RunNow(authenticator.AuthenticateToken(token, std::move(audiences)));
    return user.ok() && user->has_value();
  }
};

TEST_CASE_METHOD(ServiceAccountFixture, "bound service account tokens") {
  auto user = RunNow(authenticator.AuthenticateToken(Token(), {}));
  REQUIRE(user.ok());
  REQUIRE(user->has_value());
  CHECK((*user)->name == "system:serviceaccount:ns:robot");
  CHECK((*user)->uid == "u1");
  CHECK((*user)->groups == std::vector<std::string>{"system:serviceaccounts", "system:serviceaccounts:ns"});
  CHECK((*user)->extra.at("authentication.kcp.io/cluster-name") == std::vector<std::string>{"abc"});
  CHECK((*user)->extra.at("authentication.kcp.io/scopes") == std::vector<std::string>{"cluster:abc"});
  CHECK((*user)->extra.at("authentication.kubernetes.io/credential-id") == std::vector<std::string>{"JTI=jti-1"});

  SECTION("audience") {
    CHECK_FALSE(Accepts(Token({.audiences = {"vault"}})));
    CHECK(Accepts(Token({.audiences = {"vault"}}), {"vault"}));
    CHECK(Accepts(Token({.audiences = {"vault", "api"}})));
  }
  SECTION("issuer of others is not ours") {
    auto other = RunNow(authenticator.AuthenticateToken(Token({.issuer = "other"}), {}));
    CHECK(other.ok());
    CHECK_FALSE(other->has_value());
  }
  SECTION("expiry holds for cached signatures") {
    const std::string token = Token();
    CHECK(Accepts(token));
    clock.Advance(absl::Hours(1));
    CHECK_FALSE(Accepts(token));
  }
  SECTION("a gone or replaced account") {
    const std::string token = Token();
    lookup.account->uid = "u2";
    CHECK_FALSE(Accepts(token));
    lookup.account.reset();
    CHECK_FALSE(Accepts(token));
  }
  SECTION("a deleted account has a minute") {
    const std::string token = Token();
    lookup.account->deleted_at = clock.Now();
    clock.Advance(absl::Seconds(59));
    CHECK(Accepts(token));
    clock.Advance(absl::Seconds(2));
    CHECK_FALSE(Accepts(token));
  }
  SECTION("bound to a secret") {
    const std::string token = Token({.secret_name = "s", .secret_uid = "su"});
    CHECK_FALSE(Accepts(token));
    lookup.secret = BoundObject{.uid = "su"};
    CHECK(Accepts(token));
    lookup.secret->uid = "other";
    CHECK_FALSE(Accepts(token));
  }
  SECTION("another key") {
    auto other = *JwtSigner::FromPem(testing::OtherRsaKey());
    CHECK_FALSE(Accepts(*other->Sign(BoundTokenClaims(
        {LogicalClusterId("abc"), "ns", "robot", "u1"},
        {.issuer = "iss", .audiences = {"api"}, .now = clock.Now(), .lifetime = absl::Hours(1), .id = "x"}))));
  }
  SECTION("claims that do not fit") {
    json::Value claims = BoundTokenClaims(
        {LogicalClusterId("abc"), "ns", "robot", "u1"},
        {.issuer = "iss", .audiences = {"api"}, .now = clock.Now(), .lifetime = absl::Hours(1), .id = "x"});
    json::Value broken = claims;
    broken.object().Set("sub", "system:serviceaccount:ns:admin");
    CHECK_FALSE(Accepts(*signer->Sign(broken)));
    broken = claims;
    broken.object().Erase("exp");
    CHECK_FALSE(Accepts(*signer->Sign(broken)));
    broken = claims;
    broken.object().Set("nbf", absl::ToUnixSeconds(clock.Now() + absl::Hours(1)));
    CHECK_FALSE(Accepts(*signer->Sign(broken)));
    broken = claims;
    broken.object().Set("exp", "never");
    CHECK_FALSE(Accepts(*signer->Sign(broken)));
    broken = claims;
    broken.object().Erase("kubernetes.io");
    CHECK_FALSE(Accepts(*signer->Sign(broken)));
  }
}

TEST_CASE_METHOD(ServiceAccountFixture, "legacy tokens live and die with their secret") {
  const std::string token = *signer->Sign(LegacyTokenClaims({LogicalClusterId("abc"), "ns", "robot", "u1"}, "s"));
  CHECK_FALSE(Accepts(token));
  lookup.secret = BoundObject{.uid = "su", .token = SecretDigest::Of(token)};
  CHECK(Accepts(token));
  // The first use of a day is noted, and no other.
  REQUIRE(lookup.uses.size() == 1);
  CHECK(lookup.uses[0].starts_with("s "));
  lookup.secret->last_used = lookup.uses[0].substr(2);
  CHECK(Accepts(token));
  CHECK(lookup.uses.size() == 1);
  CHECK_FALSE(Accepts(token, {"vault"}));
  lookup.secret->invalidated = true;
  CHECK_FALSE(Accepts(token));
  lookup.secret = BoundObject{.uid = "su", .token = SecretDigest::Of("rotated")};
  CHECK_FALSE(Accepts(token));
  lookup.secret = BoundObject{.uid = "su"};  // a Secret without a token is nobody's
  CHECK_FALSE(Accepts(token));
}

TEST_CASE("service account names") {
  std::string_view ns, name;
  CHECK(SplitServiceAccount("system:serviceaccount:a:b", &ns, &name));
  CHECK(ns == "a");
  CHECK(name == "b");
  for (const char* bad : {"alice", "system:serviceaccount:a", "system:serviceaccount::b",
                          "system:serviceaccount:a:", "system:serviceaccount:a:b:c"}) {
    CAPTURE(bad);
    CHECK_FALSE(SplitServiceAccount(bad, &ns, &name));
  }
}

// Not a measurement of time, which a busy machine would spoil: a digest's comparison is OpenSSL's, which touches every
// byte.
TEST_CASE("digests compare whole") {
  SecretDigest a = SecretDigest::Of("a"), b = a;
  CHECK(a.Matches(b));
  for (size_t i = 0; i < a.bytes.size(); ++i) {
    b = a;
    b.bytes[i] ^= 1;
    CHECK_FALSE(a.Matches(b));
  }
}

TEST_CASE("user info round trip") {
  User user{.name = "a", .uid = "u", .groups = {"g"}, .extra = {{"k", {"v1", "v2"}}}};
  const User back = UserFromInfo(UserInfo(user));
  CHECK(back.name == user.name);
  CHECK(back.uid == user.uid);
  CHECK(back.groups == user.groups);
  CHECK(back.extra == user.extra);
}

}  // namespace
}  // namespace atoll::auth
