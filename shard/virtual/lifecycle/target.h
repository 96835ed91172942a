// What a request to a lifecycle virtual workspace is aimed at. Pure.
//
//   /services/initializingworkspaces/<type's cluster>:<type>/clusters/<* or cluster id>/...
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "shard/endpoints/request_info.h"

namespace atoll::virtual_workspaces {

struct LifecycleTarget {
  std::string id;               // who acts: an initializer or terminator
  std::string target;           // the rest of the URL, from /clusters/ on, as the client wrote it
  endpoints::RequestInfo info;  // of `target`
};

// Nullopt for a path that leads nowhere: no cluster, or one of several words.
std::optional<LifecycleTarget> ParseLifecycleTarget(std::string_view method, std::string_view request_target);

// `root:org` and `project` of `root:org:project`; an id without a colon has no cluster.
std::pair<std::string_view, std::string_view> TypeOf(std::string_view id);

}  // namespace atoll::virtual_workspaces
