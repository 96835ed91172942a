// Auditor: a policy and the back ends that its events go to. One a process; thread-safe.
#pragma once

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "common/audit/backend.h"
#include "common/audit/event.h"
#include "common/audit/metrics.h"
#include "common/audit/options.h"
#include "common/audit/policy.h"
#include "common/loop/loop.h"

namespace atoll::audit {

class WebhookBackend;

class Auditor {
 public:
  // Reads the policy and opens the back ends; blocks. Null when there is no policy, or nothing to write to: requests
  // then cost nothing. The webhook is called from `loop`. Errors name the flag. `registry`, `clock` and `loop` outlive
  // it.
  static absl::StatusOr<std::unique_ptr<Auditor>> Create(const Options& options, Loop& loop,
                                                         metrics::Registry* registry, const Clock* clock);
  // For tests and other compositions.
  struct Sink {
    std::unique_ptr<Backend> backend;
    Mode mode = Mode::kBatch;
    Truncation truncation;
  };
  Auditor(Policy policy, std::vector<Sink> sinks, metrics::Registry* registry, const Clock* clock);
  ~Auditor();

  // On the webhook's loop: sends what waits there.
  Task<void> Stop();

  // Counts the request under its level.
  Verdict Evaluate(const Subject& subject);
  // Records one stage; in blocking modes it ends once that is stored. False when it was not and the request must be
  // refused. Call on a loop. REQUIRES: `event` is not empty of level.
  Task<bool> Record(const Event& event, Stage stage);

  const Clock& clock() const { return *clock_; }
  Metrics& metrics() { return metrics_; }

 private:
  const Policy policy_;
  const Clock* const clock_;
  Metrics metrics_;
  std::vector<Sink> sinks_;
  WebhookBackend* webhook_ = nullptr;  // one of sinks_
};

}  // namespace atoll::audit
