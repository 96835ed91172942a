// WatchMetrics: how many events watches were sent, and how large (spec/api-machinery.md 1.12), under Kubernetes' names.
// Resources that users define share the label `custom`. Thread-safe.
#pragma once

#include "common/metrics/metrics.h"
#include "shard/registry/definition.h"

namespace atoll::endpoints {

class WatchMetrics {
 public:
  explicit WatchMetrics(metrics::Registry* registry);

  // Of one resource; kept by a watch, so that an event costs no look-up.
  class Series {
   public:
    Series() = default;
    void Sent(size_t bytes) {
      if (events_ == nullptr) return;
      events_->Add();
      sizes_->Observe(static_cast<double>(bytes));
    }

   private:
    friend class WatchMetrics;
    metrics::Counter* events_ = nullptr;
    metrics::Histogram* sizes_ = nullptr;
  };
  Series Of(const registry::ResourceDefinition& definition);

 private:
  metrics::Family<metrics::Counter>& events_;
  metrics::Family<metrics::Histogram>& sizes_;
};

}  // namespace atoll::endpoints
