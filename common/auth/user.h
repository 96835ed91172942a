// Who asks.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/json/value.h"

namespace atoll::auth {

inline constexpr std::string_view kMasters = "system:masters";
inline constexpr std::string_view kAuthenticated = "system:authenticated";
inline constexpr std::string_view kUnauthenticated = "system:unauthenticated";
inline constexpr std::string_view kAnonymous = "system:anonymous";
inline constexpr std::string_view kKcpAdmin = "system:kcp:admin";
inline constexpr std::string_view kLogicalClusterAdmin = "system:kcp:logical-cluster-admin";
inline constexpr std::string_view kExternalLogicalClusterAdmin = "system:kcp:external-logical-cluster-admin";
inline constexpr std::string_view kWorkspaceBootstrapper = "system:kcp:tenancy:workspace-bootstrapper";
inline constexpr std::string_view kScopesExtra = "authentication.kcp.io/scopes";
inline constexpr std::string_view kClusterNameExtra = "authentication.kcp.io/cluster-name";
inline constexpr std::string_view kWarrantExtra = "authorization.kcp.io/warrant";

struct User {
  std::string name;
  std::string uid;
  std::vector<std::string> groups;
  std::map<std::string, std::vector<std::string>> extra;

  bool InGroup(std::string_view group) const { return std::find(groups.begin(), groups.end(), group) != groups.end(); }
  bool IsMasters() const { return InGroup(kMasters); }
};

// authentication.k8s.io UserInfo: {"username":…,"uid":…,"groups":[…],"extra":{…}}, empty members left out.
json::Value UserInfo(const User& user);
User UserFromInfo(const json::Value& info);

// The process's own identity for what it does by itself (system:apiserver in system:masters).
const User& LoopbackUser();

}  // namespace atoll::auth
