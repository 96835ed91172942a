#include "shard/server/workspace_authentication.h"

#include <utility>

#include "common/auth/authn/union/union.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/log/log.h"

namespace atoll::shard {
namespace {

constexpr std::string_view kSystem = "system:";

std::vector<auth::JwtIssuerConfig> Read(const json::Value& spec, const std::vector<std::string>& own_issuers,
                                        api::FieldErrors* errors) {
  std::vector<std::string> unknown;  // the schema's business
  config::ObjectReader reader(spec, "spec", errors, &unknown);
  auto configs = auth::ReadJwtIssuers(reader, own_issuers, errors);
  // A provider that was read in part could let in whom it should not.
  return errors->empty() ? std::move(configs) : std::vector<auth::JwtIssuerConfig>();
}

}  // namespace

absl::StatusOr<auth::User> Confined(auth::User user, const LogicalClusterId& cluster) {
  if (user.name.starts_with(kSystem)) return absl::UnauthenticatedError("the token names a user of the system");
  std::erase_if(user.groups, [](const std::string& group) { return group.starts_with(kSystem); });
  std::erase_if(user.extra, [](const auto& extra) { return extra.first.find("kcp.io") != std::string::npos; });
  auth::AddAuthenticatedGroup(&user);
  user.extra[std::string(auth::kScopesExtra)] = {StrCat("cluster:", cluster.name())};
  user.extra[std::string(auth::kClusterNameExtra)] = {cluster.name()};
  return user;
}

WorkspaceAuthentication::Issuers WorkspaceAuthentication::Of(const LogicalClusterId& cluster, const std::string& name) {
  const tenancy::SpecPtr spec = options_.catalog->FindAuthentication(cluster, name);
  if (spec == nullptr) return nullptr;
  absl::MutexLock lock(&mutex_);
  const std::string key = StrCat(cluster.name(), "|", name);
  if (auto it = entries_.find(key); it != entries_.end() && it->second.spec == spec) return it->second.issuers;
  if (entries_.size() >= options_.configurations_max) entries_.clear();
  Entry& entry = entries_[key];
  entry.spec = spec;
  if (entry.issuers == nullptr) entry.issuers = std::make_shared<auth::JwtIssuers>(*options_.loop, options_.clock);
  api::FieldErrors errors;
  absl::Status set = entry.issuers->Set(Read(*spec, options_.own_issuers, &errors));
  if (!errors.empty() || !set.ok()) {
    LOG_WARNING("authentication", "a WorkspaceAuthenticationConfiguration is not used",
                {{"cluster", cluster.name()},
                 {"name", name},
                 {"error", errors.empty() ? std::string(ToStd(set.message())) : config::Joined(errors)}});
  }
  return entry.issuers;
}

Task<absl::StatusOr<std::optional<auth::User>>> WorkspaceAuthentication::AuthenticateToken(LogicalClusterId cluster,
                                                                                           std::string token) {
  const auto info = options_.clusters->Find(cluster);
  if (info == nullptr) co_return std::optional<auth::User>();
  const size_t colon = info->type.rfind(':');
  if (colon == std::string::npos) co_return std::optional<auth::User>();
  const tenancy::TypePtr type =
      options_.catalog->FindType(info->type.substr(0, colon), std::string_view(info->type).substr(colon + 1));
  if (type == nullptr) co_return std::optional<auth::User>();
  const json::Value* names = type->spec.Find("authenticationConfigurations");
  if (names == nullptr || !names->is_array()) co_return std::optional<auth::User>();
  absl::Status refused;
  for (const json::Value& one : names->array()) {
    const Issuers issuers = Of(type->cluster, std::string(one.StringAt({"name"})));
    if (issuers == nullptr) continue;
    auto user = co_await issuers->AuthenticateToken(token, {});
    if (!user.ok()) {
      refused.Update(user.status());  // another configuration may know the same provider in another way
    } else if (user->has_value()) {
      CO_ASSIGN_OR_RETURN(auth::User confined, Confined(**std::move(user), cluster));
      co_return std::optional<auth::User>(std::move(confined));
    }
  }
  if (!refused.ok()) co_return refused;
  co_return std::optional<auth::User>();
}

}  // namespace atoll::shard
