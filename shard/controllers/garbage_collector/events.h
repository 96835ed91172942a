// Which events of the log the garbage collector must act on. Every write of the shard passes here: what has no owners,
// names none and is not held by one of the two finalizers costs a search over its bytes. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/store/types.h"
#include "shard/registry/clusters.h"

namespace atoll::controllers {

// Keys (keys.h) to look at because of `event`. Dependents of what a logical cluster loses while it is being deleted are
// left to that deletion.
void CollectorKeysOf(const store::Event& event, const registry::Clusters& clusters, std::vector<std::string>* keys);
// The same of an object found by a scan.
void CollectorKeysOf(std::string_view store_key, std::string_view value, std::vector<std::string>* keys);

}  // namespace atoll::controllers
