// The table of admission plugins: the order you read in all.cc is the order that runs. Adding one: a folder here and a
// row there.
#pragma once

#include "common/base/clock.h"
#include "shard/admission/plugin.h"
#include "shard/authorization/authorizer.h"
#include "shard/authorization/chain.h"
#include "shard/registry/clusters.h"
#include "shard/tenancy/catalog.h"

namespace atoll::admission {

struct PluginContext {
  const Clock* clock = &SystemClock();
  store::Store* store = nullptr;
  const registry::Clusters* clusters = nullptr;
  const tenancy::Catalog* catalog = nullptr;
  authorization::Authorizer* authorizer = nullptr;
  authorization::RoleSource* roles = nullptr;
};

void AddAll(const PluginContext& context, Chain* chain);

}  // namespace atoll::admission
