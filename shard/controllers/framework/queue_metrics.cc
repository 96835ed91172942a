#include "shard/controllers/framework/queue_metrics.h"

#include <algorithm>
#include <numeric>

namespace atoll::controllers {
namespace {

constexpr size_t kSeriesMax = 128;

std::vector<double> Buckets() { return {1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10}; }

double Sum(const std::vector<double>& ages) { return std::accumulate(ages.begin(), ages.end(), 0.0); }
double Max(const std::vector<double>& ages) { return ages.empty() ? 0 : *std::max_element(ages.begin(), ages.end()); }

}  // namespace

QueueMetrics::QueueMetrics(metrics::Registry* registry, const Clock* clock)
    : adds(registry->NewCounter("workqueue_adds_total", "Keys added to a controller's queue.", {"name"}, kSeriesMax)),
      depth(registry->NewGauge("workqueue_depth", "Keys that wait in a controller's queue.", {"name"}, kSeriesMax)),
      queue_duration(registry->NewHistogram("workqueue_queue_duration_seconds", "How long keys wait.", Buckets(),
                                            {"name"}, kSeriesMax)),
      work_duration(registry->NewHistogram("workqueue_work_duration_seconds", "How long a reconcile takes.", Buckets(),
                                           {"name"}, kSeriesMax)),
      retries(registry->NewCounter("workqueue_retries_total", "Reconciles that failed and run again.", {"name"},
                                   kSeriesMax)),
      clock_(*clock) {
  registry->NewCallback("workqueue_unfinished_work_seconds", "Ages of the reconciles that run now, summed up.", "gauge",
                        {"name"}, [this] { return Ages(&Sum); });
  registry->NewCallback("workqueue_longest_running_processor_seconds", "Age of the oldest reconcile that runs now.",
                        "gauge", {"name"}, [this] { return Ages(&Max); });
}

uint64_t QueueMetrics::Began(const std::string& controller, absl::Duration at) {
  absl::MutexLock lock(&mutex_);
  running_[controller].emplace(++last_id_, at);
  return last_id_;
}

void QueueMetrics::Ended(const std::string& controller, uint64_t id) {
  absl::MutexLock lock(&mutex_);
  running_[controller].erase(id);
}

std::vector<metrics::Registry::Sample> QueueMetrics::Ages(double (*of)(const std::vector<double>& ages)) const {
  const absl::Duration now = clock_.Monotonic();
  std::vector<metrics::Registry::Sample> out;
  absl::MutexLock lock(&mutex_);
  for (const auto& [controller, running] : running_) {
    std::vector<double> ages;
    for (const auto& [id, start] : running) ages.push_back(std::max(0.0, absl::ToDoubleSeconds(now - start)));
    out.push_back({{controller}, of(ages)});
  }
  return out;
}

}  // namespace atoll::controllers
