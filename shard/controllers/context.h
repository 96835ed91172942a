// What controllers are built from. Everything outlives them.
#pragma once

#include <string>

#include "common/auth/jwt.h"
#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/client/api_client.h"
#include "common/loop/sync.h"
#include "common/store/store.h"
#include "shard/dynamic/custom_resources.h"
#include "shard/quota/index.h"
#include "shard/registry/clusters.h"
#include "shard/registry/resolver.h"
#include "shard/tenancy/catalog.h"
#include "shard/tenancy/cluster_admin.h"
#include "shard/tenancy/content.h"

namespace atoll::controllers {

struct Context {
  store::Store* store = nullptr;
  BlockingPool* pool = nullptr;
  client::ApiClient* client = nullptr;  // as the process itself, field manager "kcp"
  registry::Clusters* clusters = nullptr;
  const registry::Resolver* resolver = nullptr;
  dynamic::CustomResources* custom = nullptr;
  quota::QuotaIndex* quotas = nullptr;
  const tenancy::Catalog* catalog = nullptr;
  tenancy::ClusterAdmins* admins = nullptr;
  tenancy::ContentRemover* content = nullptr;
  const Clock* clock = nullptr;
  Random* random = nullptr;
  const auth::JwtSigner* token_signer = nullptr;  // of ServiceAccount tokens
  absl::Duration event_ttl = absl::Hours(1);      // zero: Events stay
  std::string shard_name;
  // Where the store has what other shards published (<scope>, origin, resource.group, ...); "" without replication.
  std::string replica_scope;
  std::string root_ca_pem;
};

}  // namespace atoll::controllers
