// The metrics of auditing, under Kubernetes' names.
#pragma once

#include "common/metrics/metrics.h"

namespace atoll::audit {

struct Metrics {
  explicit Metrics(metrics::Registry* registry)
      : events(registry->NewCounter("apiserver_audit_event_total", "Audit events made and handed to the back ends.")
                   .With({})),
        rejected(registry
                     ->NewCounter("apiserver_audit_requests_rejected_total",
                                  "Requests refused because their audit event could not be stored.")
                     .With({})),
        errors(registry->NewCounter("apiserver_audit_error_total", "Audit events that were lost, by what lost them.",
                                    {"plugin"}, 8)),
        levels(registry->NewCounter("apiserver_audit_level_total", "Requests by the level the policy gave them.",
                                    {"level"}, 8)) {}

  metrics::Counter& events;
  metrics::Counter& rejected;
  metrics::Family<metrics::Counter>& errors;
  metrics::Family<metrics::Counter>& levels;
};

}  // namespace atoll::audit
