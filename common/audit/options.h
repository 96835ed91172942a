// What a process is told of auditing: the values of Kubernetes' --audit-* flags.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace atoll::audit {

// kBatch: events are handed over and the request goes on; what does not fit is lost and counted. kBlocking: the answer
// leaves once the event is stored, or lost. kBlockingStrict: and a request whose first event is lost is refused.
enum class Mode : uint8_t { kBatch, kBlocking, kBlockingStrict };

struct Batching {
  int buffer_size = 10'000;  // events
  int max_size = 1;          // events a batch
  absl::Duration max_wait = absl::ZeroDuration();
  bool throttle = false;
  double throttle_qps = 0;  // batches
  int throttle_burst = 0;
};

// What is longer loses its request's and answer's objects; if that does not help, it is dropped and counted.
struct Truncation {
  bool enabled = false;
  int64_t event_bytes_max = 100 * 1024;
  int64_t batch_bytes_max = 10 * 1024 * 1024;
};

struct Options {
  std::string policy_file;  // "": nothing is recorded

  std::string log_path;  // "": no log; "-": standard output
  int log_max_age_days = 366, log_max_backups = 100, log_max_size_mb = 100;
  std::string log_format = "json";
  std::string log_mode = "blocking";
  Batching log_batching;
  Truncation log_truncation;

  std::string webhook_config_file;  // "": no webhook
  absl::Duration webhook_initial_backoff = absl::Seconds(10);
  std::string webhook_mode = "batch";
  Batching webhook_batching{
      .max_size = 400, .max_wait = absl::Seconds(30), .throttle = true, .throttle_qps = 10, .throttle_burst = 15};
  Truncation webhook_truncation;

  // Errors name the flag.
  absl::Status Validate() const;
};

// REQUIRES: Validate has found it good.
Mode ParseMode(std::string_view name);

}  // namespace atoll::audit
