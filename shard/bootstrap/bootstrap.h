// Bootstrap: what a shard's store holds before the first request (spec/tenancy.md 1.9, 10.4).
//
// Each logical cluster comes with one transaction, or was there before; running it again changes nothing but what the
// flags say (the URLs of the Shard object). Blocking, at start-up only, before the servers listen.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/store/store.h"
#include "shard/registry/registry.h"
#include "shard/tenancy/object_batch.h"

namespace atoll::bootstrap {

struct Options {
  store::Store* store = nullptr;
  std::vector<registry::DefinitionPtr> definitions;
  const Clock* clock = nullptr;
  Random* random = nullptr;
  std::string shard_name = "root";
  std::string base_url, external_url, virtual_workspace_url;
  std::string rpc_address;  // host:port of this shard's gRPC services
  std::string root_ca_pem;
  std::string region;           // label of the Shard object; "" for none
  bool workspace_types = true;  // battery workspace-types: organization, team
  std::vector<std::string> home_creator_groups = {"system:authenticated"};
};

// `system:admin` with its namespaces and RBAC objects, `system:shard`; on the root shard also `root` with its exports,
// bindings, types, RBAC, and the Shard object of this shard.
absl::Status Run(const Options& options);

// The Shard object as this process's flags describe it; other shards send it to the root shard.
json::Value ShardObject(const Options& options);

}  // namespace atoll::bootstrap
