#include "common/auth/authn/service_account/service_account.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "common/auth/secret_digest.h"
#include "common/base/status.h"
#include "common/base/strings.h"

namespace atoll::auth {
namespace {

constexpr std::string_view kLegacyIssuer = "kubernetes/serviceaccount";
constexpr std::string_view kPrivateClaims = "kubernetes.io";
constexpr std::string_view kLegacyCluster = "kubernetes.io/serviceaccount/clusterName";
constexpr std::string_view kLegacyNamespace = "kubernetes.io/serviceaccount/namespace";
constexpr std::string_view kLegacySecret = "kubernetes.io/serviceaccount/secret.name";
constexpr std::string_view kLegacyName = "kubernetes.io/serviceaccount/service-account.name";
constexpr std::string_view kLegacyUid = "kubernetes.io/serviceaccount/service-account.uid";
constexpr char kCredentialId[] = "authentication.kubernetes.io/credential-id";
// A deleted object's tokens live a little longer, so that what is shutting down can still say so.
constexpr absl::Duration kDeletionLeeway = absl::Seconds(60);
// Clocks of several shards differ a little.
constexpr absl::Duration kClockSkew = absl::Seconds(10);

absl::Status Bad(std::string_view why) { return absl::UnauthenticatedError(ToAbsl(why)); }

bool Contains(const std::vector<std::string>& list, std::string_view s) {
  return std::find(list.begin(), list.end(), s) != list.end();
}

// Go's %q of a list.
std::string Quoted(const std::vector<std::string>& list) {
  std::string out = "[";
  for (const std::string& s : list) StrAppend(&out, out.size() == 1 ? "\"" : " \"", s, "\"");
  return out + "]";
}

absl::Status ForOthers(const std::vector<std::string>& audiences, const std::vector<std::string>& accepted) {
  return Bad(Cat("token audiences ", Quoted(audiences), " is invalid for the target audiences ", Quoted(accepted)));
}

// False when the claim is there and no number.
bool NumericDate(const json::Value& claims, std::string_view claim, std::optional<absl::Time>* out) {
  const json::Value* value = claims.Find(claim);
  if (value == nullptr) return true;
  if (!value->is_number()) return false;
  *out = absl::UnixEpoch() + absl::Seconds(value->number_value());
  return true;
}

struct Identity {
  ServiceAccountRef account;
  std::string secret, secret_uid, credential_id;
  bool legacy = false;
};

}  // namespace

bool SplitServiceAccount(std::string_view user_name, std::string_view* ns, std::string_view* name) {
  if (!user_name.starts_with(kServiceAccountPrefix)) return false;
  user_name.remove_prefix(kServiceAccountPrefix.size());
  const size_t colon = user_name.find(':');
  if (colon == 0 || colon == std::string_view::npos) return false;
  *ns = user_name.substr(0, colon);
  *name = user_name.substr(colon + 1);
  return !name->empty() && name->find(':') == std::string_view::npos;
}

json::Value BoundTokenClaims(const ServiceAccountRef& account, const BoundTokenOptions& options) {
  json::Object service_account;
  service_account.Append("name", account.name);
  service_account.Append("uid", account.uid);
  json::Object own;
  own.Append("clusterName", account.cluster.name());
  own.Append("namespace", account.ns);
  if (!options.secret_name.empty()) {
    json::Object secret;
    secret.Append("name", options.secret_name);
    secret.Append("uid", options.secret_uid);
    own.Append("secret", json::Value(std::move(secret)));
  }
  own.Append("serviceaccount", json::Value(std::move(service_account)));
  json::Array audiences;
  for (const std::string& audience : options.audiences) audiences.emplace_back(audience);
  json::Object claims;
  claims.Append("aud", json::Value(std::move(audiences)));
  claims.Append("exp", absl::ToUnixSeconds(options.now + options.lifetime));
  claims.Append("iat", absl::ToUnixSeconds(options.now));
  claims.Append("iss", options.issuer);
  claims.Append("jti", options.id);
  claims.Append(std::string(kPrivateClaims), json::Value(std::move(own)));
  claims.Append("nbf", absl::ToUnixSeconds(options.now));
  claims.Append("sub", Cat(kServiceAccountPrefix, account.ns, ":", account.name));
  return json::Value(std::move(claims));
}

json::Value LegacyTokenClaims(const ServiceAccountRef& account, std::string_view secret_name) {
  json::Object claims;
  claims.Append("iss", kLegacyIssuer);
  claims.Append(std::string(kLegacyCluster), account.cluster.name());
  claims.Append(std::string(kLegacyNamespace), account.ns);
  claims.Append(std::string(kLegacySecret), secret_name);
  claims.Append(std::string(kLegacyName), account.name);
  claims.Append(std::string(kLegacyUid), account.uid);
  claims.Append("sub", Cat(kServiceAccountPrefix, account.ns, ":", account.name));
  return json::Value(std::move(claims));
}

struct ServiceAccountAuthenticator::Impl {
  explicit Impl(Options o) : options(std::move(o)) {}

  absl::StatusOr<std::shared_ptr<const json::Value>> VerifiedClaims(const std::string& token) {
    const SecretDigest digest = SecretDigest::Of(token);
    {
      absl::MutexLock lock(&mutex);
      if (auto it = verified.find(digest); it != verified.end()) return it->second;
    }
    ASSIGN_OR_RETURN(json::Value claims, options.keys->Verify(token));
    auto shared = std::make_shared<const json::Value>(std::move(claims));
    absl::MutexLock lock(&mutex);
    if (verified.size() >= options.cache_entries_max) verified.clear();
    verified.insert_or_assign(digest, shared);
    return shared;
  }

  absl::Status CheckTimes(const json::Value& claims, bool must_expire) const {
    std::optional<absl::Time> expires, not_before, issued;
    if (!NumericDate(claims, "exp", &expires) || !NumericDate(claims, "nbf", &not_before) ||
        !NumericDate(claims, "iat", &issued)) {
      return Bad("malformed times");
    }
    const absl::Time now = options.clock->Now();
    if (must_expire && !expires.has_value()) return Bad("token without expiry");
    if (expires.has_value() && now >= *expires) return Bad("service account token has expired");
    if (not_before.has_value() && now + kClockSkew < *not_before) return Bad("service account token is not valid yet");
    if (issued.has_value() && now + kClockSkew < *issued) return Bad("service account token is issued in the future");
    return absl::OkStatus();
  }

  absl::StatusOr<Identity> ReadIdentity(const json::Value& claims, bool legacy) const {
    Identity out;
    out.legacy = legacy;
    std::string_view cluster;
    if (legacy) {
      cluster = claims.StringAt({kLegacyCluster});
      out.account.ns = std::string(claims.StringAt({kLegacyNamespace}));
      out.account.name = std::string(claims.StringAt({kLegacyName}));
      out.account.uid = std::string(claims.StringAt({kLegacyUid}));
      out.secret = std::string(claims.StringAt({kLegacySecret}));
      if (out.secret.empty()) return Bad("legacy token without secret");
    } else {
      const json::Value* own = claims.Find(kPrivateClaims);
      if (own == nullptr) return Bad("token without service account");
      if (own->Find("pod") != nullptr || own->Find("node") != nullptr)
        return Bad("token bound to what does not exist here");
      cluster = own->StringAt({"clusterName"});
      out.account.ns = std::string(own->StringAt({"namespace"}));
      out.account.name = std::string(own->StringAt({"serviceaccount", "name"}));
      out.account.uid = std::string(own->StringAt({"serviceaccount", "uid"}));
      out.secret = std::string(own->StringAt({"secret", "name"}));
      out.secret_uid = std::string(own->StringAt({"secret", "uid"}));
      if (const std::string_view id = claims.StringAt({"jti"}); !id.empty()) out.credential_id = Cat("JTI=", id);
    }
    auto parsed = LogicalClusterId::Parse(cluster);
    if (!parsed.ok() || out.account.ns.empty() || out.account.name.empty() || out.account.uid.empty()) {
      return Bad("token without service account");
    }
    out.account.cluster = *std::move(parsed);
    if (claims.StringAt({"sub"}) != Cat(kServiceAccountPrefix, out.account.ns, ":", out.account.name)) {
      return Bad("subject is not the service account");
    }
    return out;
  }

  absl::Status CheckObject(const std::optional<BoundObject>& object, std::string_view uid) const {
    if (!object.has_value()) return Bad("object of the token does not exist");
    if (!uid.empty() && object->uid != uid) return Bad("object of the token was replaced");
    if (options.clock->Now() > object->deleted_at + kDeletionLeeway) return Bad("object of the token is deleted");
    return absl::OkStatus();
  }

  const Options options;
  absl::Mutex mutex;
  absl::flat_hash_map<SecretDigest, std::shared_ptr<const json::Value>> verified ABSL_GUARDED_BY(mutex);
};

ServiceAccountAuthenticator::ServiceAccountAuthenticator(Options options)
    : impl_(std::make_unique<Impl>(std::move(options))) {}
ServiceAccountAuthenticator::~ServiceAccountAuthenticator() = default;

Task<absl::StatusOr<std::optional<User>>> ServiceAccountAuthenticator::AuthenticateToken(
    std::string token, std::vector<std::string> audiences) {
  // The issuer is read unverified, only to see whether the token is one of ours.
  {
    auto peek = PeekClaims(token);
    if (!peek.ok()) co_return std::optional<User>();
    const std::string_view issuer = peek->StringAt({"iss"});
    if (issuer != kLegacyIssuer && !Contains(impl_->options.issuers, issuer)) co_return std::optional<User>();
  }
  CO_ASSIGN_OR_RETURN(std::shared_ptr<const json::Value> claims, impl_->VerifiedClaims(token));
  const bool legacy = claims->StringAt({"iss"}) == kLegacyIssuer;
  CO_RETURN_IF_ERROR(impl_->CheckTimes(*claims, !legacy));
  const std::vector<std::string>& accepted = audiences.empty() ? impl_->options.api_audiences : audiences;
  // A legacy token names no audience: it is for the API server itself.
  const std::vector<std::string> meant = legacy ? impl_->options.api_audiences : TokenAudiences(*claims);
  if (std::none_of(meant.begin(), meant.end(), [&](const auto& a) { return Contains(accepted, a); }))
    co_return ForOthers(meant, accepted);
  CO_ASSIGN_OR_RETURN(Identity identity, impl_->ReadIdentity(*claims, legacy));
  const ServiceAccountRef& account = identity.account;
  std::string last_used;

  if (ServiceAccountLookup* lookup = impl_->options.lookup; lookup != nullptr) {
    if (!identity.secret.empty()) {
      CO_ASSIGN_OR_RETURN(std::optional<BoundObject> secret,
                          co_await lookup->Secret(account.cluster, account.ns, identity.secret));
      CO_RETURN_IF_ERROR(impl_->CheckObject(secret, identity.secret_uid));
      if (identity.legacy) {
        if (!secret->token || !secret->token->Matches(SecretDigest::Of(token)))
          co_return Bad("token is not the secret's");
        if (secret->invalidated) co_return Bad("the token in the secret was invalidated");
        last_used = secret->last_used;
      }
    }
    CO_ASSIGN_OR_RETURN(std::optional<BoundObject> object,
                        co_await lookup->ServiceAccount(account.cluster, account.ns, account.name));
    CO_RETURN_IF_ERROR(impl_->CheckObject(object, account.uid));
    if (identity.legacy) {
      std::string today = absl::FormatTime("%Y-%m-%d", impl_->options.clock->Now(), absl::UTCTimeZone());
      if (last_used != today) co_await lookup->NoteUse(account.cluster, account.ns, identity.secret, std::move(today));
    }
  }

  User user;
  user.name = Cat(kServiceAccountPrefix, account.ns, ":", account.name);
  user.uid = account.uid;
  user.groups = {std::string(kServiceAccountsGroup), Cat(kServiceAccountsGroup, ":", account.ns)};
  if (!identity.credential_id.empty()) user.extra[kCredentialId] = {identity.credential_id};
  user.extra[std::string(kClusterNameExtra)] = {account.cluster.name()};
  user.extra[std::string(kScopesExtra)] = {Cat("cluster:", account.cluster.name())};
  co_return std::optional<User>(std::move(user));
}

}  // namespace atoll::auth
