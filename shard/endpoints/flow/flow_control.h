// FlowControl: the gates of all loops, who belongs to which level and flow, and what a scrape shows of it under the
// names that API Priority and Fairness has. Thread-safe.
#pragma once

#include <cstdint>

#include "common/auth/user.h"
#include "common/metrics/metrics.h"
#include "shard/endpoints/flow/gate.h"
#include "shard/endpoints/limits.h"
#include "shard/endpoints/per_loop.h"
#include "shard/registry/request.h"

namespace atoll::endpoints {

class FlowControl {
 public:
  // Must outlive the registry's last scrape. `loops`: among how many the limits are shared out.
  FlowControl(metrics::Registry* registry, const Limits& limits, int loops);

  // The calling loop's.
  Gate& Here() { return gates_.Here(); }

  static Level LevelOf(const auth::User& user);
  // A user in a logical cluster.
  static uint64_t FlowOf(const registry::ClusterScope& cluster, const auth::User& user);

 private:
  PerLoop<Gate> gates_;
};

}  // namespace atoll::endpoints
