#include "shard/authorization/identities.h"

#include <algorithm>
#include <utility>

#include "common/base/strings.h"
#include "common/json/parse.h"
#include "common/json/write.h"

namespace atoll::authorization {
namespace {

constexpr std::string_view kAccountPrefix = "system:serviceaccount:";
constexpr std::string_view kGlobalAccountPrefix = "system:kcp:serviceaccount:";
constexpr std::string_view kClusterScope = "cluster:";

using Strings = std::vector<std::string>;

const Strings& Extra(const auth::User& user, std::string_view key) {
  static const Strings none;
  if (user.extra.empty()) return none;
  auto it = user.extra.find(std::string(key));
  return it == user.extra.end() ? none : it->second;
}

std::vector<std::string_view> SplitScopes(std::string_view value) {
  std::vector<std::string_view> out;
  for (;;) {
    const size_t comma = value.find(',');
    out.push_back(value.substr(0, comma));
    if (comma == std::string_view::npos) return out;
    value.remove_prefix(comma + 1);
  }
}

bool Contains(const std::vector<std::string_view>& list, std::string_view s) {
  return std::find(list.begin(), list.end(), s) != list.end();
}

// `system:cluster:<id>` for each cluster in all of the scopes.
Strings ClusterGroups(const Strings& scopes) {
  Strings out;
  if (scopes.empty()) return out;
  std::vector<std::string_view> effective = SplitScopes(scopes[0]);
  for (size_t i = 1; i < scopes.size(); ++i) {
    const auto further = SplitScopes(scopes[i]);
    std::erase_if(effective, [&](std::string_view s) { return !Contains(further, s); });
  }
  for (std::string_view scope : effective) {
    if (scope.starts_with(kClusterScope)) out.push_back(Cat("system:", scope));
  }
  return out;
}

void Append(Strings* to, Strings from) {
  to->insert(to->end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

std::string GlobalName(std::string_view cluster, std::string_view account_name) {
  return Cat(kGlobalAccountPrefix, cluster, ":", account_name.substr(kAccountPrefix.size()));
}

struct Collector {
  const LogicalClusterId& cluster;
  std::vector<Identity> out;
  bool want_authenticated = false, want_unauthenticated = false;

  void Add(const auth::User& user, int depth) {
    if (out.size() >= kIdentitiesMax) return;
    if (IsInScope(user, cluster)) {
      out.push_back({user.name, user.groups});
    } else if (user.InGroup(auth::kAuthenticated)) {
      want_authenticated = true;
    } else {
      want_unauthenticated = true;
    }
    if (user.extra.empty()) return;
    if (IsServiceAccount(user.name)) {
      const Strings& homes = Extra(user, auth::kClusterNameExtra);
      if (homes.size() == 1) {
        Identity global{GlobalName(homes[0], user.name), {}};
        if (user.InGroup(auth::kAuthenticated)) global.groups.emplace_back(auth::kAuthenticated);
        Append(&global.groups, ClusterGroups(Extra(user, auth::kScopesExtra)));
        out.push_back(std::move(global));
      }
    }
    if (depth == kWarrantDepthMax) return;
    for (auth::User& warrant : Warrants(user)) {
      if (IsServiceAccount(warrant.name) && Extra(warrant, auth::kClusterNameExtra).empty()) continue;
      Append(&warrant.groups, ClusterGroups(Extra(warrant, auth::kScopesExtra)));
      Add(warrant, depth + 1);
    }
  }
};

auth::User Prefixed(const auth::User& user, std::string_view prefix, int depth) {
  auth::User out;
  out.uid = user.uid;
  out.name = Cat(prefix, user.name);
  if (IsServiceAccount(user.name)) {
    const Strings& homes = Extra(user, auth::kClusterNameExtra);
    if (homes.size() != 1) {  // nobody in particular
      const std::string_view group = user.InGroup(auth::kAuthenticated) ? auth::kAuthenticated : auth::kUnauthenticated;
      return {.name = Cat(prefix, auth::kAnonymous), .uid = "", .groups = {Cat(prefix, group)}, .extra = {}};
    }
    out.name = Cat(prefix, GlobalName(homes[0], user.name));
  }
  for (const std::string& group : user.groups) out.groups.push_back(Cat(prefix, group));
  for (const auto& [key, values] : user.extra) {
    if (key != auth::kWarrantExtra) out.extra[key] = values;
  }
  if (depth == kWarrantDepthMax) return out;
  for (const auth::User& warrant : Warrants(user)) {
    const auth::User prefixed = Prefixed(warrant, prefix, depth + 1);
    json::Value info = auth::UserInfo(prefixed);
    info.object().Erase("username");
    info.object().SetFirst("user", prefixed.name);
    out.extra[std::string(auth::kWarrantExtra)].push_back(json::Write(info));
  }
  return out;
}

}  // namespace

bool IsServiceAccount(std::string_view user_name) { return user_name.starts_with(kAccountPrefix); }

bool IsInScope(const auth::User& user, const LogicalClusterId& cluster) {
  if (user.extra.empty()) return true;
  if (IsServiceAccount(user.name)) {
    const Strings& homes = Extra(user, auth::kClusterNameExtra);
    if (!homes.empty() && (homes.size() != 1 || homes[0] != cluster.name())) return false;
  }
  for (const std::string& value : Extra(user, auth::kScopesExtra)) {
    bool found = false;
    for (std::string_view scope : SplitScopes(value)) {
      found |= scope.starts_with(kClusterScope) && scope.substr(kClusterScope.size()) == cluster.name();
    }
    if (!found) return false;
  }
  return true;
}

std::vector<auth::User> Warrants(const auth::User& user) {
  std::vector<auth::User> out;
  for (const std::string& text : Extra(user, auth::kWarrantExtra)) {
    auto parsed = json::Parse(text, {.depth_max = 8});
    if (!parsed.ok() || !parsed->is_object()) continue;
    auth::User warrant = auth::UserFromInfo(*parsed);
    warrant.name = std::string(parsed->StringAt({"user"}));
    out.push_back(std::move(warrant));
  }
  return out;
}

std::vector<Identity> EffectiveIdentities(const auth::User& user, const LogicalClusterId& cluster) {
  Collector collector{.cluster = cluster};
  collector.Add(user, 0);
  if (collector.want_authenticated) {
    Identity anonymous{std::string(auth::kAnonymous), {std::string(auth::kAuthenticated)}};
    Append(&anonymous.groups, ClusterGroups(Extra(user, auth::kScopesExtra)));
    collector.out.push_back(std::move(anonymous));
  }
  if (collector.want_unauthenticated) {
    collector.out.push_back({std::string(auth::kAnonymous), {std::string(auth::kUnauthenticated)}});
  }
  return std::move(collector.out);
}

bool InEffectiveGroup(const std::vector<Identity>& identities, std::string_view group) {
  for (const Identity& identity : identities) {
    if (std::find(identity.groups.begin(), identity.groups.end(), group) != identity.groups.end()) return true;
  }
  return false;
}

auth::User PrefixedUser(const auth::User& user, std::string_view prefix) { return Prefixed(user, prefix, 0); }

}  // namespace atoll::authorization
