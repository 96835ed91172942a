// Flags of auditing, under the names that Kubernetes' API server has.
#include <CLI/CLI.hpp>

#include "common/base/strings.h"
#include "shard/server/flags.h"

namespace atoll::shard {
namespace {

void BindBackend(CLI::App* app, const std::string& prefix, std::string* mode, audit::Batching* b,
                 audit::Truncation* t) {
  app->add_option(prefix + "-mode", *mode,
                  "batch: requests never wait, what does not fit is lost and counted; blocking: answers wait for their "
                  "event; blocking-strict: and a request whose event is lost is refused")
      ->capture_default_str();
  app->add_option(prefix + "-batch-buffer-size", b->buffer_size, "Events that may wait; further ones are lost")
      ->capture_default_str();
  app->add_option(prefix + "-batch-max-size", b->max_size, "Events of one batch")->capture_default_str();
  BindDuration(app, prefix + "-batch-max-wait", &b->max_wait, "How long an event waits for its batch to fill");
  app->add_option(prefix + "-batch-throttle-enable", b->throttle, "Whether the rate of batches is bounded")
      ->expected(0, 1)
      ->capture_default_str();
  app->add_option(prefix + "-batch-throttle-qps", b->throttle_qps, "Batches a second")->capture_default_str();
  app->add_option(prefix + "-batch-throttle-burst", b->throttle_burst, "Batches at once after a quiet time")
      ->capture_default_str();
  app->add_option(prefix + "-truncate-enabled", t->enabled, "Whether events that are too long are cut")
      ->expected(0, 1)
      ->capture_default_str();
  app->add_option(prefix + "-truncate-max-event-size", t->event_bytes_max,
                  "Bytes of an event; longer ones lose their objects, or are dropped")
      ->capture_default_str();
  app->add_option(prefix + "-truncate-max-batch-size", t->batch_bytes_max, "Bytes of a batch")->capture_default_str();
}

}  // namespace

void BindAuditFlags(CLI::App* app, audit::Options* o) {
  app->add_option("--audit-policy-file", o->policy_file,
                  "audit.k8s.io/v1 Policy that says which requests are recorded; none without it");
  app->add_option("--audit-log-path", o->log_path,
                  "File for audit events, one line of JSON each; - for standard output");
  app->add_option("--audit-log-format", o->log_format, "json")->capture_default_str();
  app->add_option("--audit-log-maxsize", o->log_max_size_mb, "MiB at which the file is set aside; 0: never")
      ->capture_default_str();
  app->add_option("--audit-log-maxage", o->log_max_age_days, "Days that files set aside are kept; 0: for ever")
      ->capture_default_str();
  app->add_option("--audit-log-maxbackup", o->log_max_backups, "Files set aside that are kept; 0: all")
      ->capture_default_str();
  BindBackend(app, "--audit-log", &o->log_mode, &o->log_batching, &o->log_truncation);
  app->add_option("--audit-webhook-config-file", o->webhook_config_file,
                  "kubeconfig of an HTTPS server that audit events are sent to");
  BindDuration(app, "--audit-webhook-initial-backoff", &o->webhook_initial_backoff,
               "Pause before a batch is tried again; later pauses are longer");
  BindBackend(app, "--audit-webhook", &o->webhook_mode, &o->webhook_batching, &o->webhook_truncation);
}

}  // namespace atoll::shard
