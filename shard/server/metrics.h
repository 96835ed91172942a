// What a shard tells about itself beside its requests and queues: clusters by phase, the store.
#pragma once

#include <string>

#include "common/index/workspace_index.h"
#include "common/metrics/metrics.h"
#include "common/store/store.h"
#include "shard/registry/clusters.h"

namespace atoll::shard {

struct MetricSources {
  metrics::Registry* registry;
  store::Store* store;
  const registry::Clusters* clusters;
  const index::WorkspaceIndex* index;
  std::string shard;
};

// Computed at scrape time; all of it outlives the registry's last scrape.
void AddShardMetrics(MetricSources sources);

}  // namespace atoll::shard
