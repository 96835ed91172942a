// The decisions of scheduling, without I/O.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/random.h"
#include "common/json/value.h"
#include "shard/tenancy/catalog.h"

namespace atoll::controllers {

// A shard for `workspace`, uniformly at random among those that match spec.location.selector and are schedulable.
// Errors: NotFound (none; the message is the condition's), InvalidArgument (the selector).
absl::StatusOr<tenancy::ShardInfo> ChooseShard(const json::Value& workspace,
                                               const std::vector<tenancy::ShardInfo>& shards, Random& random);

// The LogicalCluster object that `workspace` (in `parent_cluster`, whose canonical path is `parent_path`) asks its
// shard to create.
json::Value LogicalClusterFor(const json::Value& workspace, std::string_view parent_cluster,
                              std::string_view parent_path, std::string_view required_groups,
                              const std::vector<std::string>& initializers,
                              const std::vector<std::string>& terminators);

// Phase rule for the end of a reconcile (spec/tenancy.md 2.1): a False Workspace* condition makes it Unavailable, none
// makes it Ready again. True when it changed the phase.
bool ApplyTerminalConditions(json::Value* workspace);

}  // namespace atoll::controllers
