// Identities: as whom a user is judged in one logical cluster. Scopes narrow a user, warrants add identities, service
// accounts of other clusters have fleet-wide names (spec/tenancy.md 5.9).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/auth/user.h"
#include "common/path/path.h"

namespace atoll::authorization {

// What decides: a name and groups. Cheaper than a User, whose extra has done its work by then.
struct Identity {
  std::string name;
  std::vector<std::string> groups;
};

inline constexpr std::string_view kBindingPrefix =
    "apis.kcp.io:binding:";  // of subjects in maximal permission policies

bool IsServiceAccount(std::string_view user_name);
// Every value of the scopes extra contains `cluster:<id>`, and a service account is this cluster's.
bool IsInScope(const auth::User& user, const LogicalClusterId& cluster);
// The identities tried, any of which may be granted something. Warrants nest at most kWarrantDepthMax deep and count at
// most kIdentitiesMax; what is beyond grants nothing.
inline constexpr int kWarrantDepthMax = 8;
inline constexpr size_t kIdentitiesMax = 64;
std::vector<Identity> EffectiveIdentities(const auth::User& user, const LogicalClusterId& cluster);
bool InEffectiveGroup(const std::vector<Identity>& identities, std::string_view group);
// The user as a maximal permission policy names it, warrants included.
auth::User PrefixedUser(const auth::User& user, std::string_view prefix = kBindingPrefix);
// The warrants of a user, parsed; broken ones are left out.
std::vector<auth::User> Warrants(const auth::User& user);

}  // namespace atoll::authorization
