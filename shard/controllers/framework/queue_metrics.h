// The workqueue_* families, with the names and meanings that Kubernetes' controllers have made usual; one series a
// controller. Made once a process; used from the controllers' loop, read by scrapes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/metrics/metrics.h"

namespace atoll::controllers {

class QueueMetrics {
 public:
  // `clock` outlives this, and tells the time of Began.
  QueueMetrics(metrics::Registry* registry, const Clock* clock);

  metrics::Family<metrics::Counter>& adds;
  metrics::Family<metrics::Gauge>& depth;
  metrics::Family<metrics::Histogram>& queue_duration;
  metrics::Family<metrics::Histogram>& work_duration;
  metrics::Family<metrics::Counter>& retries;

  // A reconcile runs from Began to Ended: what unfinished_work_seconds and longest_running_processor_seconds tell.
  uint64_t Began(const std::string& controller, absl::Duration at);
  void Ended(const std::string& controller, uint64_t id);

 private:
  using Running = absl::flat_hash_map<uint64_t, absl::Duration>;  // start of each; bounded by the workers
  // One sample a controller, of the ages of what runs.
  std::vector<metrics::Registry::Sample> Ages(double (*of)(const std::vector<double>& ages)) const;

  const Clock& clock_;
  mutable absl::Mutex mutex_;
  uint64_t last_id_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::flat_hash_map<std::string, Running> running_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace atoll::controllers
