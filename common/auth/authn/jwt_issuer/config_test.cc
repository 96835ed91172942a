#include "common/auth/authn/jwt_issuer/config.h"

#include <catch2/catch.hpp>

#include "common/base/strings.h"

namespace atoll::auth {
namespace {

constexpr char kHead[] = "apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\n";
constexpr char kGood[] =
    "{issuer: {url: 'https://a.example', audiences: [x]}, claimMappings: {username: {claim: sub, prefix: ''}}}";

absl::StatusOr<AuthenticationConfiguration> Parse(std::string_view rest) {
  return AuthenticationConfiguration::Parse(StrCat(kHead, rest), {"https://own.example"});
}
std::string Error(std::string_view rest) {
  auto parsed = Parse(rest);
  return parsed.ok() ? "" : std::string(ToStd(parsed.status().message()));
}

TEST_CASE("AuthenticationConfiguration: everything that it may say", "[auth]") {
  auto parsed = Parse(
      "jwt:\n"
      "- issuer: {url: 'https://a.example', discoveryURL: 'https://b.example/d', audiences: [x, z], "
      "audienceMatchPolicy: "
      "MatchAny}\n"
      "  claimMappings:\n"
      "    username: {claim: email, prefix: 'u:'}\n"
      "    groups: {claim: roles, prefix: 'g:'}\n"
      "    uid: {claim: sub}\n"
      "  claimValidationRules: [{claim: hd, requiredValue: example.org}]\n"
      "anonymous: {enabled: true, conditions: [{path: /livez}]}\n");
  REQUIRE(parsed.ok());
  REQUIRE(parsed->jwt.size() == 1);
  const JwtIssuerConfig& issuer = parsed->jwt[0];
  CHECK(issuer.url == "https://a.example");
  CHECK(issuer.discovery_url == "https://b.example/d");
  CHECK(issuer.audiences == std::vector<std::string>{"x", "z"});
  CHECK(issuer.username == PrefixedClaim{"email", "u:"});
  CHECK(issuer.groups == PrefixedClaim{"roles", "g:"});
  CHECK(issuer.uid_claim == "sub");
  CHECK(issuer.required_claims == std::vector<std::pair<std::string, std::string>>{{"hd", "example.org"}});
  REQUIRE(parsed->anonymous);
  CHECK(parsed->anonymous->enabled);
  CHECK(parsed->anonymous->paths == std::vector<std::string>{"/livez"});
  CHECK(Error(StrCat("jwt: [", kGood, "]")).empty());
  CHECK(Error("jwt: []").empty());
}

TEST_CASE("AuthenticationConfiguration: what is wrong is named", "[auth]") {
  auto with = [](std::string_view issuer, std::string_view mappings = "{username: {claim: sub, prefix: ''}}",
                 std::string_view rest = "") {
    return StrCat("jwt: [{issuer: ", issuer, ", claimMappings: ", mappings, rest, "}]");
  };
  constexpr char kIssuer[] = "{url: 'https://a.example', audiences: [x]}";
  struct Case {
    std::string text;
    const char* error;
  };
  for (const Case& c : std::vector<Case>{
           {"jwt: [{}]", "jwt[0].issuer: Required value; jwt[0].claimMappings: Required value"},
           {with("{audiences: [x]}"), "jwt[0].issuer.url: Required value"},
           {with("{url: 'http://a.example', audiences: [x]}"),
            "jwt[0].issuer.url: Invalid value: \"http://a.example\": must begin with https://"},
           {with("{url: 'https://u@a.example', audiences: [x]}"),
            "jwt[0].issuer.url: Invalid value: \"https://u@a.example\": must have no user information, query, fragment "
            "or blank"},
           {with("{url: 'https://own.example', audiences: [x]}"),
            "jwt[0].issuer.url: Invalid value: \"https://own.example\": must not be the issuer of service accounts"},
           {with("{url: 'https://a.example'}"), "jwt[0].issuer.audiences: Required value: at least one is required"},
           {with("{url: 'https://a.example', audiences: [x, x], audienceMatchPolicy: MatchAny}"),
            "jwt[0].issuer.audiences[1]: Duplicate value: \"x\""},
           {with("{url: 'https://a.example', audiences: [x, z]}"),
            "jwt[0].issuer.audienceMatchPolicy: Invalid value: \"\": audienceMatchPolicy must be MatchAny for multiple "
            "audiences"},
           {with("{url: 'https://a.example', discoveryURL: 'https://a.example', audiences: [x]}"),
            "jwt[0].issuer.discoveryURL: Invalid value: \"https://a.example\": discoveryURL must be different from "
            "URL"},
           {with("{url: 'https://a.example', audiences: [x], certificateAuthority: junk}"),
            "jwt[0].issuer.certificateAuthority: Invalid value: \"<omitted>\": holds no certificate"},
           {with(kIssuer, "{}"), "jwt[0].claimMappings.username: Required value: claim or expression is required"},
           {with(kIssuer, "{username: {claim: sub}}"),
            "jwt[0].claimMappings.username.prefix: Required value: is required with claim; an empty string means that "
            "there is none"},
           {with(kIssuer, "{username: {expression: claims.sub}}"),
            "jwt[0].claimMappings.username.expression: Invalid value: \"claims.sub\": expressions are not supported by "
            "this server"},
           {with(kIssuer, "{username: {claim: sub, prefix: ''}, extra: [{key: a/b, valueExpression: claims.x}]}"),
            "jwt[0].claimMappings.extra[0].valueExpression: Invalid value: \"claims.x\": expressions are not supported "
            "by "
            "this server"},
           {with(kIssuer, "{username: {claim: sub, prefix: ''}}", ", userValidationRules: [{expression: 'true'}]"),
            "jwt[0].userValidationRules[0].expression: Invalid value: \"true\": expressions are not supported by this "
            "server"},
           {with(kIssuer, "{username: {claim: sub, prefix: ''}}", ", claimValidationRules: [{requiredValue: x}]"),
            "jwt[0].claimValidationRules[0]: Required value: claim or expression is required"},
           {with(kIssuer, "{username: {claim: sub, prefix: ''}}", ", claimValidationRule: []"),
            "jwt[0].claimValidationRule: Forbidden: unknown field"},
           {StrCat("jwt: [", kGood, ", ", kGood, "]"), "jwt[1].issuer.url: Duplicate value: \"https://a.example\""},
           {"anonymous: {enabled: false, conditions: [{path: /x}]}",
            "anonymous.conditions: Invalid value: \"/x\": enabled should be set to true when conditions are defined"},
           {"anonymous: {enabled: 'yes'}", "anonymous.enabled: Invalid value: \"yes\": must be true or false"}}) {
    CAPTURE(c.text);
    CHECK(Error(c.text) == c.error);
  }
  CHECK_FALSE(AuthenticationConfiguration::Parse("a: [", {}).ok());
  CHECK_FALSE(AuthenticationConfiguration::Parse("kind: AuthenticationConfiguration", {}).ok());
  std::string many = "jwt:\n";
  for (int i = 0; i < 65; ++i) StrAppend(&many, "- {}\n");
  CHECK(Error(many).starts_with("jwt: Too many"));
}

TEST_CASE("--oidc-* flags", "[auth]") {
  OidcFlags flags{.issuer_url = "https://a.example", .client_id = "c"};
  auto config = flags.ToConfig({});
  REQUIRE(config.ok());
  CHECK(config->username == PrefixedClaim{"sub", "https://a.example#"});
  CHECK_FALSE(config->groups);
  CHECK(config->algorithms == std::vector<std::string>{"RS256"});
  flags.username_claim = "email";
  CHECK(flags.ToConfig({})->username.prefix.empty());
  flags.username_prefix = "-";
  flags.username_claim = "sub";
  CHECK(flags.ToConfig({})->username.prefix.empty());
  flags.username_prefix = "o:";
  flags.groups_claim = "g";
  flags.required_claims = {"hd=x=y"};
  config = flags.ToConfig({});
  CHECK(config->username.prefix == "o:");
  CHECK(config->groups == PrefixedClaim{"g", ""});
  CHECK(config->required_claims == std::vector<std::pair<std::string, std::string>>{{"hd", "x=y"}});

  auto error = [](const OidcFlags& f) {
    return std::string(ToStd(f.ToConfig({"https://own.example"}).status().message()));
  };
  CHECK(error({.issuer_url = "https://a.example"}).starts_with("--oidc-client-id: "));
  CHECK(error({.client_id = "c"}).starts_with("--oidc-issuer-url: "));
  CHECK(error({.issuer_url = "http://a.example", .client_id = "c"}).starts_with("--oidc-issuer-url: "));
  CHECK(error({.issuer_url = "https://own.example", .client_id = "c"}).starts_with("--oidc-issuer-url: "));
  CHECK(error({.issuer_url = "https://a.example", .client_id = "c", .signing_algs = {"HS256"}})
            .starts_with("--oidc-signing-algs: "));
  CHECK(error({.issuer_url = "https://a.example", .client_id = "c", .ca_file = "/nowhere"})
            .starts_with("--oidc-ca-file: "));
  CHECK(error({.issuer_url = "https://a.example", .client_id = "c", .required_claims = {"=x"}})
            .starts_with("--oidc-required-claim: "));
}

}  // namespace
}  // namespace atoll::auth
