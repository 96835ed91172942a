#include "shard/endpoints/watch_metrics.h"

#include "shard/endpoints/request_metrics.h"

namespace atoll::endpoints {

WatchMetrics::WatchMetrics(metrics::Registry* registry)
    : events_(registry->NewCounter("apiserver_watch_events_total", "Events sent to watches.",
                                   {"group", "version", "resource"})),
      sizes_(registry->NewHistogram("apiserver_watch_events_sizes", "Bytes of events sent to watches.",
                                    {1024, 2048, 4096, 8192, 16384, 32768, 65536, 131072},
                                    {"group", "version", "resource"})) {}

WatchMetrics::Series WatchMetrics::Of(const registry::ResourceDefinition& definition) {
  const ResourceLabels l = ResourceLabels::Of(definition);
  Series series;
  series.events_ = &events_.With({l.group, l.version, l.resource});
  series.sizes_ = &sizes_.With({l.group, l.version, l.resource});
  return series;
}

}  // namespace atoll::endpoints
