#include "common/audit/auditor.h"

#include <utility>

#include "common/audit/log_backend.h"
#include "common/audit/webhook_backend.h"
#include "common/base/file.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/log/log.h"

namespace atoll::audit {
namespace {

constexpr char kTruncated[] = "audit.k8s.io/truncated";
constexpr absl::Duration kFarewell = absl::Seconds(2);

absl::Status About(std::string_view flag, const std::string& file, const absl::Status& status) {
  return absl::Status(status.code(), ToAbsl(StrCat(flag, ": ", file, ": ", ToStd(status.message()))));
}

// The event as short as its sink wants it; null when that is not possible.
Line Fit(const Event& event, Stage stage, absl::Time now, Line whole, const Truncation& truncation) {
  if (!truncation.enabled || static_cast<int64_t>(whole->size()) <= truncation.event_bytes_max) return whole;
  Event cut = event;
  cut.request_object.clear();
  cut.response_object.clear();
  cut.annotations[kTruncated] = "true";
  auto line = std::make_shared<const std::string>(ToJson(cut, stage, now));
  return static_cast<int64_t>(line->size()) <= truncation.event_bytes_max ? line : nullptr;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Auditor>> Auditor::Create(const Options& options, Loop& loop,
                                                         metrics::Registry* registry, const Clock* clock) {
  if (options.policy_file.empty()) {
    if (!options.log_path.empty() || !options.webhook_config_file.empty())
      LOG_INFO("audit", "nothing is recorded: there is no --audit-policy-file");
    return std::unique_ptr<Auditor>();
  }
  std::vector<std::string> warnings;
  auto text = ReadFile(options.policy_file);
  if (!text.ok()) return About("--audit-policy-file", options.policy_file, text.status());
  auto policy = Policy::Parse(*text, &warnings);
  if (!policy.ok()) return About("--audit-policy-file", options.policy_file, policy.status());
  for (const std::string& warning : warnings) LOG_WARNING("audit", "policy", {{"warning", warning}});
  if (options.log_path.empty() && options.webhook_config_file.empty()) return std::unique_ptr<Auditor>();

  auto auditor = std::make_unique<Auditor>(*std::move(policy), std::vector<Sink>(), registry, clock);
  if (!options.log_path.empty()) {
    auto log = LogBackend::Create({.file = {.path = options.log_path,
                                            .bytes_max = static_cast<size_t>(options.log_max_size_mb) << 20,
                                            .age_max_days = options.log_max_age_days,
                                            .backups_max = options.log_max_backups,
                                            .clock = clock},
                                   .events_max = static_cast<size_t>(options.log_batching.buffer_size),
                                   .metrics = &auditor->metrics_});
    if (!log.ok()) return About("--audit-log-path", options.log_path, log.status());
    auditor->sinks_.push_back({*std::move(log), ParseMode(options.log_mode), options.log_truncation});
  }
  if (!options.webhook_config_file.empty()) {
    auto server = config::ReadClientConfig(options.webhook_config_file);
    if (!server.ok()) return About("--audit-webhook-config-file", options.webhook_config_file, server.status());
    const Batching& b = options.webhook_batching;
    auto webhook = std::make_unique<WebhookBackend>(
        loop,
        WebhookBackend::Options{.server = *std::move(server),
                                .events_max = static_cast<size_t>(b.buffer_size),
                                .batch_max = static_cast<size_t>(b.max_size),
                                .batch_bytes_max = static_cast<size_t>(options.webhook_truncation.batch_bytes_max),
                                .batch_wait = b.max_wait,
                                .batches_per_second = b.throttle ? b.throttle_qps : 0,
                                .burst = b.throttle_burst,
                                .initial_backoff = options.webhook_initial_backoff,
                                .metrics = &auditor->metrics_});
    auditor->webhook_ = webhook.get();
    auditor->sinks_.push_back({std::move(webhook), ParseMode(options.webhook_mode), options.webhook_truncation});
  }
  return auditor;
}

Auditor::Auditor(Policy policy, std::vector<Sink> sinks, metrics::Registry* registry, const Clock* clock)
    : policy_(std::move(policy)), clock_(clock), metrics_(registry), sinks_(std::move(sinks)) {}
Auditor::~Auditor() = default;

Task<void> Auditor::Stop() {
  if (webhook_ != nullptr) co_await webhook_->Stop(kFarewell);
}

Verdict Auditor::Evaluate(const Subject& subject) {
  const Verdict verdict = policy_.Evaluate(subject);
  metrics_.levels.With({LevelName(verdict.level)}).Add();
  return verdict;
}

Task<bool> Auditor::Record(const Event& event, Stage stage) {
  struct Awaited {
    Completion<bool> stored;
    bool strict;
  };
  std::vector<Awaited> awaited;
  {
    const absl::Time now = clock_->Now();
    metrics_.events.Add();
    auto whole = std::make_shared<const std::string>(ToJson(event, stage, now));
    for (const Sink& sink : sinks_) {
      Line line = Fit(event, stage, now, whole, sink.truncation);
      if (line == nullptr) {
        metrics_.errors.With({"truncate"}).Add();
        continue;
      }
      if (sink.mode == Mode::kBatch) {
        sink.backend->Submit(std::move(line), std::nullopt);
      } else {
        awaited.push_back({Completion<bool>(), sink.mode == Mode::kBlockingStrict});
        sink.backend->Submit(std::move(line), awaited.back().stored);
      }
    }
  }
  bool good = true;
  for (const Awaited& one : awaited) {
    const bool stored = co_await one.stored.Wait();
    good &= stored || !one.strict;
  }
  co_return good;
}

}  // namespace atoll::audit
