// Registering a shard: its Shard object in root says where it is. Done by the root shard for itself and, over
// ShardAdmin, for the others.
#pragma once

#include "absl/status/status.h"
#include "common/client/api_client.h"
#include "common/json/value.h"
#include "common/loop/task.h"

namespace atoll::tenancy {

// Creates `shard` or brings an existing object's spec and rpc address up to date; administrators' labels and
// annotations stay. Errors: those of the API.
Task<absl::Status> RegisterShard(client::ApiClient* client, json::Value shard);

}  // namespace atoll::tenancy
