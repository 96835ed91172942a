// /version: what clients parse to know the API level they talk to.
#pragma once

#include <string>

namespace atoll::endpoints {

struct BuildInfo {
  std::string version = "v0.1.0";  // our own
  std::string git_commit, build_date;
};
// Compact JSON. gitVersion is the Kubernetes level, with the kcp level and our own version as build metadata (semver).
std::string VersionJson(const BuildInfo& build);

}  // namespace atoll::endpoints
