#include "shard/authorization/impersonation.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "common/api/errors.h"
#include "common/auth/authn/service_account/service_account.h"
#include "common/auth/authn/union/union.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "shard/authorization/identities.h"

namespace atoll::authorization {
namespace {

constexpr std::string_view kUser = "impersonate-user", kGroup = "impersonate-group", kUid = "impersonate-uid",
                           kExtra = "impersonate-extra-";
constexpr std::string_view kNodePrefix = "system:node:";
constexpr char kAuthenticationGroup[] = "authentication.k8s.io";
// From this many groups or extras on, one question for all of them is tried first.
constexpr size_t kManyChecks = 4;

// Groups that only their members may hand on. Warrants count: their groups are evaluated like the user's own. Those of
// initializers and terminators pass every check while a workspace begins and ends; proxies drop them from everybody.
bool IsPrivileged(std::string_view group) {
  return group == auth::kMasters || group == auth::kLogicalClusterAdmin ||
         group == auth::kExternalLogicalClusterAdmin || group == auth::kWorkspaceBootstrapper ||
         group == auth::kKcpAdmin || group == auth::kAuthenticated || group.starts_with("system:kcp:initializer:") ||
         group.starts_with("system:kcp:terminator:");
}

bool MayHandOn(const auth::User& requester, const auth::User& wanted, int depth) {
  for (const std::string& group : wanted.groups) {
    if (IsPrivileged(group) && !requester.InGroup(group)) return false;
  }
  if (wanted.extra.empty() || depth >= kWarrantDepthMax) return true;
  for (const auth::User& inner : Warrants(wanted)) {
    if (!MayHandOn(requester, inner, depth + 1)) return false;
  }
  return true;
}

std::string GoStrings(const std::vector<std::string>& list) {
  if (list.empty()) return "[]string(nil)";
  std::string out = "[]string{";
  for (size_t i = 0; i < list.size(); ++i) out += Cat(i == 0 ? "" : ", ", api::GoQuote(list[i]));
  return out + "}";
}

std::string GoExtra(const std::map<std::string, std::vector<std::string>>& extra) {
  if (extra.empty()) return "map[string][]string(nil)";
  std::string out = "map[string][]string{";
  bool first = true;
  for (const auto& [key, values] : extra) {
    out += Cat(first ? "" : ", ", api::GoQuote(key), ":", GoStrings(values));
    first = false;
  }
  return out + "}";
}

auth::User Wanted(const http::Headers& headers) {
  auth::User out;
  out.name = std::string(headers.Get(kUser));
  out.uid = std::string(headers.Get(kUid));
  for (std::string_view group : headers.GetAll(kGroup)) out.groups.emplace_back(group);
  for (const auto& [name, value] : headers.fields()) {
    const std::string lower = absl::AsciiStrToLower(name);
    if (!std::string_view(lower).starts_with(kExtra)) continue;
    const std::string escaped = lower.substr(kExtra.size());
    std::string key;
    if (!http::PercentDecode(escaped, false, &key)) key = escaped;
    out.extra[key].push_back(value);
  }
  return out;
}

// One way of impersonating: its verb, and what it may be used for.
struct Mode {
  std::string name;  // "" for the legacy verb
  bool constrained() const { return !name.empty(); }
  std::string verb() const { return constrained() ? "impersonate:" + name : "impersonate"; }
};

class Checker {
 public:
  Checker(Authorizer& authorizer, const Attributes& target) : authorizer_(authorizer), target_(target) {}

  Task<absl::StatusOr<auth::User>> Try(Mode mode, auth::User wanted) {
    if (mode.constrained()) {
      Attributes on = target_;
      on.verb = Cat("impersonate-on:", mode.name, ":", target_.verb);
      CO_RETURN_IF_ERROR(co_await Check(on));
    }
    auth::User result = wanted;
    const char* group = mode.constrained() ? kAuthenticationGroup : "";
    Attributes who = Ask(mode, group, "users", wanted.name);
    std::string_view ns, name;
    if (mode.constrained() && wanted.name.starts_with(kNodePrefix)) {
      who.resource = "nodes";
      who.name = wanted.name.substr(kNodePrefix.size());
      result.groups = {"system:nodes"};
    } else if (auth::SplitServiceAccount(wanted.name, &ns, &name)) {
      who.resource = "serviceaccounts";
      who.ns = std::string(ns);
      who.name = std::string(name);
      if (wanted.groups.empty())
        result.groups = {std::string(auth::kServiceAccountsGroup), Cat(auth::kServiceAccountsGroup, ":", ns)};
    }
    CO_RETURN_IF_ERROR(co_await Check(who));
    if (!wanted.uid.empty()) CO_RETURN_IF_ERROR(co_await Check(Ask(mode, kAuthenticationGroup, "uids", wanted.uid)));
    CO_RETURN_IF_ERROR(co_await CheckGroups(mode, group, wanted.groups));
    CO_RETURN_IF_ERROR(co_await CheckExtra(mode, wanted.extra));
    if (result.name == auth::kAnonymous) {
      if (!result.InGroup(auth::kUnauthenticated)) result.groups.emplace_back(auth::kUnauthenticated);
    } else {
      auth::AddAuthenticatedGroup(&result);
    }
    co_return result;
  }

 private:
  Attributes Ask(const Mode& mode, std::string group, std::string resource, std::string name) const {
    return {.user = target_.user,
            .cluster = target_.cluster,
            .verb = mode.verb(),
            .group = std::move(group),
            .version = "v1",
            .resource = std::move(resource),
            .name = std::move(name)};
  }

  Task<absl::Status> Check(const Attributes& attributes) {
    const Decision decision = co_await authorizer_.Authorize(attributes);
    if (decision.allowed()) co_return absl::OkStatus();
    co_return ForbiddenError(attributes, decision.reason);
  }

  Task<absl::Status> CheckGroups(const Mode& mode, std::string api_group, const std::vector<std::string>& groups) {
    Attributes ask = Ask(mode, std::move(api_group), "groups", "");
    if (mode.constrained()) {
      if (std::find(groups.begin(), groups.end(), "") != groups.end()) {
        co_return ForbiddenError(ask, "impersonating the empty string group is not allowed");
      }
      if (std::find(groups.begin(), groups.end(), auth::kMasters) != groups.end()) {
        ask.name = std::string(auth::kMasters);
        co_return ForbiddenError(ask, "impersonating the system:masters group is not allowed");
      }
      if (groups.size() >= kManyChecks) {
        ask.name = "*";
        if ((co_await Check(ask)).ok()) co_return absl::OkStatus();
      }
    }
    for (const std::string& group : groups) {
      ask.name = group;
      CO_RETURN_IF_ERROR(co_await Check(ask));
    }
    co_return absl::OkStatus();
  }

  Task<absl::Status> CheckExtra(const Mode& mode, const std::map<std::string, std::vector<std::string>>& extra) {
    Attributes ask = Ask(mode, kAuthenticationGroup, "userextras", "");
    size_t count = 0;
    for (const auto& [key, values] : extra) {
      count += values.size();
      if (!mode.constrained()) continue;
      if (key.empty()) co_return ForbiddenError(ask, "impersonating the empty string key in extra is not allowed");
      if (std::find(values.begin(), values.end(), "") != values.end()) {
        co_return ForbiddenError(ask, "impersonating the empty string value in extra is not allowed");
      }
    }
    if (mode.constrained() && count >= kManyChecks) {
      ask.subresource = ask.name = "*";
      if ((co_await Check(ask)).ok()) co_return absl::OkStatus();
    }
    for (const auto& [key, values] : extra) {
      ask.subresource = key;
      for (const std::string& value : values) {
        ask.name = value;
        CO_RETURN_IF_ERROR(co_await Check(ask));
      }
    }
    co_return absl::OkStatus();
  }

  Authorizer& authorizer_;
  const Attributes& target_;
};

// The modes that fit the wanted user, narrowest first; the legacy verb comes last and fits everybody. Nodes do not run
// here, so no requester is ever associated with one, and the associated-node mode never fits.
std::vector<Mode> ModesFor(const auth::User& wanted) {
  const bool name_only = wanted.uid.empty() && wanted.groups.empty() && wanted.extra.empty();
  std::string_view ns, name;
  std::vector<Mode> out;
  if (wanted.name.starts_with(kNodePrefix)) {
    if (name_only) out.push_back({"arbitrary-node"});
  } else if (auth::SplitServiceAccount(wanted.name, &ns, &name)) {
    if (name_only) out.push_back({"serviceaccount"});
  } else {
    out.push_back({"user-info"});
  }
  out.push_back({""});
  return out;
}

}  // namespace

bool WantsImpersonation(const http::Headers& headers) {
  for (const auto& [name, value] : headers.fields()) {
    const std::string lower = absl::AsciiStrToLower(name);
    if (lower == kUser || lower == kGroup || lower == kUid) {
      if (!value.empty() || lower == kGroup) return true;
    } else if (std::string_view(lower).starts_with(kExtra)) {
      return true;
    }
  }
  return false;
}

void StripImpersonation(http::Headers* headers) {
  for (std::string_view name : {kUser, kGroup, kUid}) headers->Remove(name);
  headers->RemovePrefix(kExtra);
}

Task<absl::StatusOr<Impersonated>> Impersonate(Authorizer& authorizer, const Attributes& target,
                                               const http::Headers& headers) {
  const auth::User& requester = target.user;
  auth::User wanted = Wanted(headers);
  if (!requester.IsMasters() && !MayHandOn(requester, wanted, 0)) {
    co_return api::Forbidden({}, "", "impersonation is not allowed for the requestor");
  }
  if (wanted.name.empty()) {
    co_return api::BadRequest(Cat("requested &user.DefaultInfo{Name:\"\", UID:", api::GoQuote(wanted.uid),
                                  ", Groups:", GoStrings(wanted.groups), ", Extra:", GoExtra(wanted.extra),
                                  "} without impersonating a user name"));
  }
  Checker checker(authorizer, target);
  absl::Status first_error;
  for (const Mode& mode : ModesFor(wanted)) {
    auto user = co_await checker.Try(mode, wanted);
    if (!user.ok()) {
      first_error.Update(user.status());
      continue;
    }
    if (!requester.IsMasters()) {
      user->extra[std::string(auth::kScopesExtra)].push_back(Cat("cluster:", target.cluster.id.name()));
    }
    co_return Impersonated{*std::move(user), mode.constrained() ? Cat("impersonate:", mode.name) : ""};
  }
  co_return first_error;
}

}  // namespace atoll::authorization
