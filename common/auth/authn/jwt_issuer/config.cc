#include "common/auth/authn/jwt_issuer/config.h"

#include <algorithm>
#include <set>

#include "common/auth/jwt.h"
#include "common/base/file.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/config/client_config.h"
#include "common/json/yaml.h"
#include "common/tls/context.h"

namespace atoll::auth {
namespace {

using config::ObjectReader;

constexpr std::string_view kNoExpressions = "expressions are not supported by this server";

bool Contains(const std::vector<std::string>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

// Absent is fine; anything else is refused, never ignored.
void RefuseExpression(ObjectReader& from, std::string_view name, api::FieldErrors* errors) {
  if (auto text = from.OptionalString(name); text && !text->empty())
    errors->push_back(api::FieldInvalid(from.At(name), *text, kNoExpressions));
}

void CheckUrl(const std::string& url, std::string field, api::FieldErrors* errors) {
  if (auto parsed = config::ParseHttpsUrl(url); !parsed.ok())
    errors->push_back(api::FieldInvalid(std::move(field), url, ToStd(parsed.status().message())));
}

void ReadIssuer(ObjectReader& from, const std::vector<std::string>& own_issuers, JwtIssuerConfig* out,
                api::FieldErrors* errors) {
  auto issuer = from.Object("issuer");
  if (!issuer) {
    errors->push_back(api::FieldRequired(from.At("issuer")));
    return;
  }
  out->url = issuer->String("url");
  if (out->url.empty()) {
    errors->push_back(api::FieldRequired(issuer->At("url")));
  } else if (Contains(own_issuers, out->url)) {
    errors->push_back(api::FieldInvalid(issuer->At("url"), out->url, "must not be the issuer of service accounts"));
  } else {
    CheckUrl(out->url, issuer->At("url"), errors);
  }
  out->discovery_url = issuer->String("discoveryURL");
  if (!out->discovery_url.empty()) {
    if (out->discovery_url == out->url) {
      errors->push_back(
          api::FieldInvalid(issuer->At("discoveryURL"), out->discovery_url, "discoveryURL must be different from URL"));
    }
    CheckUrl(out->discovery_url, issuer->At("discoveryURL"), errors);
  }
  out->ca_pem = issuer->String("certificateAuthority");
  if (!out->ca_pem.empty() && !tls::ClientContext::Create(out->ca_pem).ok()) {
    errors->push_back(api::FieldInvalid(issuer->At("certificateAuthority"), "<omitted>", "holds no certificate"));
  }
  out->audiences = issuer->Strings("audiences");
  if (out->audiences.empty())
    errors->push_back(api::FieldRequired(issuer->At("audiences"), "at least one is required"));
  std::set<std::string_view> seen;
  for (size_t i = 0; i < out->audiences.size(); ++i) {
    const std::string field = StrCat(issuer->At("audiences"), "[", i, "]");
    if (out->audiences[i].empty()) errors->push_back(api::FieldRequired(field));
    if (!seen.insert(out->audiences[i]).second) errors->push_back(api::FieldDuplicate(field, out->audiences[i]));
  }
  const std::string policy = issuer->String("audienceMatchPolicy");
  if (policy != "MatchAny" && (!policy.empty() || out->audiences.size() > 1)) {
    errors->push_back(api::FieldInvalid(issuer->At("audienceMatchPolicy"), policy,
                                        out->audiences.size() > 1
                                            ? "audienceMatchPolicy must be MatchAny for multiple audiences"
                                            : "audienceMatchPolicy must be empty or MatchAny for single audience"));
  }
  if (auto egress = issuer->OptionalString("egressSelectorType"); egress && !egress->empty())
    errors->push_back(api::FieldInvalid(issuer->At("egressSelectorType"), *egress, "is not supported by this server"));
  issuer->Finish();
}

// A claim and its prefix; nullopt when there is none.
std::optional<PrefixedClaim> ReadPrefixed(ObjectReader& mappings, std::string_view name, bool required,
                                          api::FieldErrors* errors) {
  auto from = mappings.Object(name);
  if (!from) {
    if (required) errors->push_back(api::FieldRequired(mappings.At(name), "claim or expression is required"));
    return std::nullopt;
  }
  PrefixedClaim out;
  out.claim = from->String("claim");
  const auto prefix = from->OptionalString("prefix");
  const auto expression = from->OptionalString("expression");
  from->Finish();
  if (expression && !expression->empty()) {
    errors->push_back(api::FieldInvalid(from->At("expression"), *expression, kNoExpressions));
    return std::nullopt;
  }
  if (out.claim.empty()) {
    if (required) errors->push_back(api::FieldRequired(from->path(), "claim or expression is required"));
    return std::nullopt;
  }
  if (!prefix) {
    errors->push_back(
        api::FieldRequired(from->At("prefix"), "is required with claim; an empty string means that there is none"));
  }
  out.prefix = prefix.value_or("");
  return out;
}

void ReadMappings(ObjectReader& from, JwtIssuerConfig* out, api::FieldErrors* errors) {
  auto mappings = from.Object("claimMappings");
  if (!mappings) {
    errors->push_back(api::FieldRequired(from.At("claimMappings")));
    return;
  }
  if (auto username = ReadPrefixed(*mappings, "username", true, errors)) out->username = *std::move(username);
  out->groups = ReadPrefixed(*mappings, "groups", false, errors);
  if (auto uid = mappings->Object("uid")) {
    out->uid_claim = uid->String("claim");
    RefuseExpression(*uid, "expression", errors);
    uid->Finish();
  }
  for (ObjectReader& extra : mappings->Objects("extra")) {
    // There is no other way to say a value.
    errors->push_back(api::FieldInvalid(extra.At("valueExpression"), extra.String("valueExpression"), kNoExpressions));
    (void)extra.String("key");
    extra.Finish();
  }
  mappings->Finish();
}

void ReadRules(ObjectReader& from, JwtIssuerConfig* out, api::FieldErrors* errors) {
  std::set<std::string> seen;
  for (ObjectReader& rule : from.Objects("claimValidationRules")) {
    const std::string claim = rule.String("claim"), value = rule.String("requiredValue");
    RefuseExpression(rule, "expression", errors);
    if (const std::string message = rule.String("message"); !message.empty() && !claim.empty())
      errors->push_back(api::FieldInvalid(rule.At("message"), message, "may not be specified when claim is set"));
    rule.Finish();
    if (claim.empty()) {
      errors->push_back(api::FieldRequired(rule.path(), "claim or expression is required"));
    } else if (!seen.insert(claim).second) {
      errors->push_back(api::FieldDuplicate(rule.At("claim"), claim));
    }
    out->required_claims.emplace_back(claim, value);
  }
  for (ObjectReader& rule : from.Objects("userValidationRules")) {
    errors->push_back(api::FieldInvalid(rule.At("expression"), rule.String("expression"), kNoExpressions));
    (void)rule.String("message");
    rule.Finish();
  }
}

}  // namespace

std::vector<JwtIssuerConfig> ReadJwtIssuers(ObjectReader& from, const std::vector<std::string>& own_issuers,
                                            api::FieldErrors* errors) {
  std::vector<JwtIssuerConfig> out;
  std::set<std::string> urls;
  std::vector<ObjectReader> entries = from.Objects("jwt");
  if (entries.size() > AuthenticationConfiguration::kIssuersMax) {
    errors->push_back(api::FieldTooMany(from.At("jwt"), static_cast<int64_t>(entries.size()),
                                        AuthenticationConfiguration::kIssuersMax));
    return out;
  }
  for (ObjectReader& entry : entries) {
    JwtIssuerConfig issuer;
    ReadIssuer(entry, own_issuers, &issuer, errors);
    ReadMappings(entry, &issuer, errors);
    ReadRules(entry, &issuer, errors);
    entry.Finish();
    if (!issuer.url.empty() && !urls.insert(issuer.url).second)
      errors->push_back(api::FieldDuplicate(entry.At("issuer.url"), issuer.url));
    out.push_back(std::move(issuer));
  }
  return out;
}

absl::StatusOr<AuthenticationConfiguration> AuthenticationConfiguration::Parse(
    std::string_view text, const std::vector<std::string>& own_issuers) {
  std::vector<std::string> repeated, unknown;
  ASSIGN_OR_RETURN(const json::Value document, json::ParseYaml(text, {.duplicates = &repeated}));
  api::FieldErrors errors;
  ObjectReader reader(document, "", &errors, &unknown);
  if (!errors.empty()) return absl::InvalidArgumentError("the file must hold an object");
  const std::string version = reader.String("apiVersion"), kind = reader.String("kind");
  if ((version != "apiserver.config.k8s.io/v1" && version != "apiserver.config.k8s.io/v1beta1") ||
      kind != "AuthenticationConfiguration") {
    return absl::InvalidArgumentError(
        StrCat("apiVersion must be apiserver.config.k8s.io/v1 and kind AuthenticationConfiguration, found \"", version,
               "\" and \"", kind, "\""));
  }
  AuthenticationConfiguration out;
  out.jwt = ReadJwtIssuers(reader, own_issuers, &errors);
  if (auto anonymous = reader.Object("anonymous")) {
    out.anonymous.emplace();
    out.anonymous->enabled = anonymous->Bool("enabled");
    for (ObjectReader& condition : anonymous->Objects("conditions")) {
      out.anonymous->paths.push_back(condition.String("path"));
      if (out.anonymous->paths.back().empty()) errors.push_back(api::FieldRequired(condition.At("path")));
      condition.Finish();
    }
    if (!out.anonymous->enabled && !out.anonymous->paths.empty()) {
      errors.push_back(api::FieldInvalid("anonymous.conditions", out.anonymous->paths.front(),
                                         "enabled should be set to true when conditions are defined"));
    }
    anonymous->Finish();
  }
  reader.Finish();
  // A misspelt member would be a rule that nobody applies.
  for (const std::string& field : unknown) errors.push_back(api::FieldForbidden(field, "unknown field"));
  if (!repeated.empty()) return absl::InvalidArgumentError(ToAbsl(repeated.front()));
  if (!errors.empty()) return absl::InvalidArgumentError(ToAbsl(config::Joined(errors)));
  return out;
}

absl::StatusOr<JwtIssuerConfig> OidcFlags::ToConfig(const std::vector<std::string>& own_issuers) const {
  auto bad = [](std::string_view flag, std::string_view why) {
    return absl::InvalidArgumentError(StrCat(flag, ": ", why));
  };
  if (issuer_url.empty()) return bad("--oidc-issuer-url", "goes with --oidc-client-id");
  if (client_id.empty()) return bad("--oidc-client-id", "goes with --oidc-issuer-url");
  if (auto url = config::ParseHttpsUrl(issuer_url); !url.ok())
    return bad("--oidc-issuer-url", ToStd(url.status().message()));
  if (Contains(own_issuers, issuer_url)) return bad("--oidc-issuer-url", "must not be the issuer of service accounts");
  JwtIssuerConfig out{.url = issuer_url, .audiences = {client_id}, .algorithms = signing_algs};
  for (const std::string& name : signing_algs) {
    if (!IsJwtAlgorithm(name)) return bad("--oidc-signing-algs", StrCat("unknown algorithm ", name));
  }
  if (!ca_file.empty()) {
    auto pem = ReadFile(ca_file);
    if (!pem.ok()) return bad("--oidc-ca-file", ToStd(pem.status().message()));
    if (!tls::ClientContext::Create(*pem).ok()) return bad("--oidc-ca-file", StrCat(ca_file, " holds no certificate"));
    out.ca_pem = *std::move(pem);
  }
  if (username_claim.empty()) return bad("--oidc-username-claim", "must not be empty");
  out.username.claim = username_claim;
  // Claims but `email` say nothing of whose they are; "-" asks for them bare.
  if (username_prefix.empty()) {
    if (username_claim != "email") out.username.prefix = StrCat(issuer_url, "#");
  } else if (username_prefix != "-") {
    out.username.prefix = username_prefix;
  }
  if (!groups_claim.empty()) out.groups = PrefixedClaim{groups_claim, groups_prefix};
  for (const std::string& required : required_claims) {
    const size_t equals = required.find('=');
    if (equals == std::string::npos || equals == 0) return bad("--oidc-required-claim", "must be claim=value");
    out.required_claims.emplace_back(required.substr(0, equals), required.substr(equals + 1));
  }
  return out;
}

}  // namespace atoll::auth
