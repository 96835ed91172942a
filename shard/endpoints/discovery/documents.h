// Discovery documents, from what a cluster serves (spec/api-machinery.md 1.7, 1.8). Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "shard/registry/resolver.h"

namespace atoll::endpoints {

struct DiscoveryDocuments {
  std::string core_versions;                     // /api
  std::string groups;                            // /apis
  std::map<std::string, std::string> group;      // /apis/<group>
  std::map<std::string, std::string> resources;  // by "v1", "apps/v1"
  std::string aggregated_core, aggregated_groups;
  std::string aggregated_core_hash, aggregated_groups_hash;
};

// `set` is sorted: groups in their order, versions best first, then resources.
DiscoveryDocuments BuildDiscovery(const registry::Resolver::Set& set, std::string_view server_address);
// What an unknown group-version answers: a list with nothing in it.
std::string EmptyResourceList(std::string_view group_version);

}  // namespace atoll::endpoints
