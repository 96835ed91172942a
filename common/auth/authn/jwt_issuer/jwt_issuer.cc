#include "common/auth/authn/jwt_issuer/jwt_issuer.h"

#include <algorithm>
#include <utility>

#include "common/base/status.h"
#include "common/base/strings.h"

namespace atoll::auth {
namespace {

// As OpenID libraries grant it to a clock that runs ahead.
constexpr absl::Duration kNotBeforeLeeway = absl::Minutes(5);
constexpr size_t kGroupsMax = 1024;  // of one token

absl::Status Bad(std::string_view why) { return absl::UnauthenticatedError(ToAbsl(why)); }

// A NumericDate, which may have a fraction (RFC 7519 section 2).
std::optional<absl::Time> TimeClaim(const json::Value& claims, std::string_view name) {
  const json::Value* value = claims.Find(name);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  const double seconds = value->number_value();
  if (!(seconds > -1e12 && seconds < 1e12)) return std::nullopt;
  return absl::UnixEpoch() + absl::Seconds(seconds);
}

absl::Status CheckTimes(const json::Value& claims, absl::Time now) {
  const auto expiry = TimeClaim(claims, "exp");
  if (!expiry) return Bad("the token has no expiry");
  if (now > *expiry) return Bad("the token has expired");
  if (claims.Find("nbf") == nullptr) return absl::OkStatus();
  const auto begin = TimeClaim(claims, "nbf");
  return begin && now + kNotBeforeLeeway >= *begin ? absl::OkStatus() : Bad("the token is not valid yet");
}

absl::StatusOr<std::string> StringClaim(const json::Value& claims, std::string_view name) {
  const json::Value* value = claims.Find(name);
  if (value == nullptr || !value->is_string()) return Bad(StrCat("the token has no text in claim ", name));
  return value->string();
}

absl::Status ReadGroups(const json::Value& claims, const PrefixedClaim& mapping, std::vector<std::string>* out) {
  const json::Value* value = claims.Find(mapping.claim);
  if (value == nullptr || value->is_null()) return absl::OkStatus();
  const json::Array one = value->is_array() ? value->array() : json::Array{*value};
  if (one.size() > kGroupsMax) return Bad("the token has too many groups");
  for (const json::Value& group : one) {
    if (!group.is_string()) return Bad("the token's groups are no list of texts");
    out->push_back(StrCat(mapping.prefix, group.string()));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<User> UserFromClaims(const JwtIssuerConfig& config, const json::Value& claims, absl::Time now) {
  if (claims.StringAt({"iss"}) != config.url) return Bad("the token is of another issuer");
  RETURN_IF_ERROR(CheckTimes(claims, now));
  const std::vector<std::string> audiences = TokenAudiences(claims);
  if (std::none_of(audiences.begin(), audiences.end(), [&](const std::string& audience) {
        return std::find(config.audiences.begin(), config.audiences.end(), audience) != config.audiences.end();
      })) {
    return Bad("the token is for another audience");
  }
  User user;
  ASSIGN_OR_RETURN(user.name, StringClaim(claims, config.username.claim));
  if (user.name.empty()) return Bad("the token names nobody");
  if (config.username.claim == "email") {
    const json::Value* verified = claims.Find("email_verified");
    if (verified != nullptr && (!verified->is_bool() || !verified->bool_value()))
      return Bad("the token's email is not verified");
  }
  user.name.insert(0, config.username.prefix);
  if (config.groups) RETURN_IF_ERROR(ReadGroups(claims, *config.groups, &user.groups));
  if (!config.uid_claim.empty()) {
    ASSIGN_OR_RETURN(user.uid, StringClaim(claims, config.uid_claim));
  }
  for (const auto& [claim, wanted] : config.required_claims) {
    ASSIGN_OR_RETURN(const std::string value, StringClaim(claims, claim));
    if (value != wanted) return Bad(StrCat("the token has another value in claim ", claim));
  }
  if (const std::string_view id = claims.StringAt({"jti"}); !id.empty())
    user.extra["authentication.kubernetes.io/credential-id"] = {StrCat("JTI=", id)};
  return user;
}

absl::StatusOr<std::shared_ptr<JwtIssuer>> JwtIssuer::Create(JwtIssuerConfig config, Loop& loop, const Clock* clock,
                                                             KeySource::Options options) {
  ASSIGN_OR_RETURN(std::unique_ptr<KeySource> keys, KeySource::Create(config, loop, options));
  return std::shared_ptr<JwtIssuer>(new JwtIssuer(std::move(config), std::move(keys), clock));
}

Task<absl::StatusOr<std::optional<User>>> JwtIssuer::AuthenticateToken(std::string token, std::vector<std::string>) {
  {
    // Unverified, only to see whose it is.
    auto peek = PeekClaims(token);
    if (!peek.ok() || peek->StringAt({"iss"}) != config_.url) co_return std::optional<User>();
  }
  KeySource::Keys keys = keys_->Current();
  if (keys == nullptr || !keys->HasKeyOf(token)) keys = co_await keys_->Fresh();
  if (keys == nullptr) co_return Bad("the issuer's keys are not known");
  CO_ASSIGN_OR_RETURN(const json::Value claims, keys->Verify(token));
  CO_ASSIGN_OR_RETURN(User user, UserFromClaims(config_, claims, clock_->Now()));
  co_return std::optional<User>(std::move(user));
}

std::shared_ptr<const JwtIssuers::List> JwtIssuers::Get() const {
  absl::MutexLock lock(&mutex_);
  return list_;
}

absl::Status JwtIssuers::Set(const std::vector<JwtIssuerConfig>& configs) {
  const std::shared_ptr<const List> old = Get();
  auto list = std::make_shared<List>();
  for (const JwtIssuerConfig& config : configs) {
    std::shared_ptr<JwtIssuer> issuer;
    for (size_t i = 0; old != nullptr && i < old->size(); ++i) {
      if ((*old)[i]->config() == config) issuer = (*old)[i];
    }
    if (issuer == nullptr) {
      ASSIGN_OR_RETURN(issuer, JwtIssuer::Create(config, loop_, clock_));
    }
    list->push_back(std::move(issuer));
  }
  absl::MutexLock lock(&mutex_);
  list_ = std::move(list);
  return absl::OkStatus();
}

Task<absl::StatusOr<std::optional<User>>> JwtIssuers::AuthenticateToken(std::string token,
                                                                        std::vector<std::string> audiences) {
  const std::shared_ptr<const List> list = Get();
  if (list == nullptr) co_return std::optional<User>();
  for (const auto& issuer : *list) {
    auto user = co_await issuer->AuthenticateToken(token, audiences);
    if (!user.ok() || user->has_value()) co_return user;  // issuers' names are unique
  }
  co_return std::optional<User>();
}

}  // namespace atoll::auth
