// WebhookBackend: audit events as EventLists, POSTed to an HTTPS server in batches. Events wait in one bounded list;
// a batch leaves when it is full or when its oldest event has waited long enough, at most so many a second, and at most
// kBatchesMax at once. A batch that fails is tried again with growing pauses, then lost and counted.
#pragma once

#include <memory>

#include "absl/time/time.h"
#include "common/audit/backend.h"
#include "common/audit/metrics.h"
#include "common/config/client_config.h"
#include "common/http/client.h"
#include "common/loop/loop.h"

namespace atoll::audit {

class WebhookBackend final : public Backend {
 public:
  struct Options {
    config::ClientConfig server;
    size_t events_max = 10'000;           // that wait
    size_t bytes_max = size_t{64} << 20;  // that wait, over all of them
    size_t batch_max = 400;               // events
    size_t batch_bytes_max = size_t{10} << 20;
    absl::Duration batch_wait = absl::Seconds(30);
    double batches_per_second = 10;  // 0: no bound
    int burst = 15;
    absl::Duration initial_backoff = absl::Seconds(10);
    Metrics* metrics = nullptr;
  };
  static constexpr int kBatchesMax = 4;
  static constexpr int kAttemptsMax = 5;

  // Sends from `loop`, which outlives it.
  WebhookBackend(Loop& loop, Options options);
  // REQUIRES: Stop has ended, or the loop has stopped.
  ~WebhookBackend() override;
  void Submit(Line line, Stored stored) override;
  // On the loop. Sends what waits, once, for `grace` at most; what is left then is lost and counted.
  Task<void> Stop(absl::Duration grace);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace atoll::audit
