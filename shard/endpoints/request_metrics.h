// RequestMetrics: what dashboards know of an API server (spec/api-machinery.md 1.12), under Kubernetes' names.
// Thread-safe.
//
// Labels come from compiled-in types only: resources that users define share the label `custom`, so the number of
// series is bounded.
#pragma once

#include "absl/time/time.h"
#include "common/metrics/metrics.h"
#include "shard/endpoints/call.h"

namespace atoll::endpoints {

// A resource as labels say it: `custom` unless it is compiled in.
struct ResourceLabels {
  std::string_view group, version, resource;
  static ResourceLabels Of(const registry::ResourceDefinition& definition);
};

class RequestMetrics {
 public:
  explicit RequestMetrics(metrics::Registry* registry);
  // Once per answered request.
  void Record(const Call& call, absl::Duration took);
  // A request that no handler saw: 429.
  void Terminated(const Call& call);
  void WatchStarted(const Call& call, int delta);

 private:
  metrics::Family<metrics::Counter>& requests_;
  metrics::Family<metrics::Histogram>& duration_;
  metrics::Family<metrics::Histogram>& sli_duration_;
  metrics::Family<metrics::Histogram>& response_sizes_;
  metrics::Family<metrics::Counter>& terminations_;
  metrics::Family<metrics::Gauge>& long_running_;
};

}  // namespace atoll::endpoints
