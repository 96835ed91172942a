// What virtual workspaces are built from. Everything outlives them.
#pragma once

#include <string>

#include "common/base/clock.h"
#include "common/client/api_client.h"
#include "shard/authorization/authorizer.h"
#include "shard/registry/clusters.h"
#include "shard/registry/registry.h"
#include "shard/registry/resolver.h"
#include "shard/tenancy/catalog.h"

namespace atoll::schema {
class Definitions;
}

namespace atoll::virtual_workspaces {

struct Context {
  registry::Registry* registry = nullptr;
  const registry::Resolver* resolver = nullptr;      // of the shard
  const schema::Definitions* definitions = nullptr;  // of compiled-in types, for OpenAPI
  client::ApiClient* client = nullptr;               // as the process itself
  authorization::Authorizer* authorizer = nullptr;
  const registry::Clusters* clusters = nullptr;
  const tenancy::Catalog* catalog = nullptr;
  const Clock* clock = nullptr;
  std::string server_address;  // `host:port` that discovery names
};

}  // namespace atoll::virtual_workspaces
