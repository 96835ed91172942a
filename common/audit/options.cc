#include "common/audit/options.h"

#include "common/base/status.h"
#include "common/base/strings.h"

namespace atoll::audit {
namespace {

absl::Status CheckBackend(std::string_view name, const std::string& mode, const Batching& b, const Truncation& t) {
  if (mode != "batch" && mode != "blocking" && mode != "blocking-strict") {
    return absl::InvalidArgumentError(
        StrCat("--audit-", name, "-mode: \"", mode, "\" is none of batch, blocking, blocking-strict"));
  }
  auto positive = [name](std::string_view flag, double value) {
    return value > 0 ? absl::OkStatus()
                     : absl::InvalidArgumentError(StrCat("--audit-", name, "-", flag, ": must be a positive number"));
  };
  if (mode == "batch") {
    RETURN_IF_ERROR(positive("batch-buffer-size", b.buffer_size));
    RETURN_IF_ERROR(positive("batch-max-size", b.max_size));
    if (b.throttle) {
      RETURN_IF_ERROR(positive("batch-throttle-qps", b.throttle_qps));
      RETURN_IF_ERROR(positive("batch-throttle-burst", b.throttle_burst));
    }
  }
  RETURN_IF_ERROR(positive("truncate-max-event-size", static_cast<double>(t.event_bytes_max)));
  if (t.batch_bytes_max < t.event_bytes_max) {
    return absl::InvalidArgumentError(StrCat("--audit-", name, "-truncate-max-batch-size: must be at least --audit-",
                                             name, "-truncate-max-event-size"));
  }
  return absl::OkStatus();
}

}  // namespace

Mode ParseMode(std::string_view name) {
  if (name == "batch") return Mode::kBatch;
  return name == "blocking" ? Mode::kBlocking : Mode::kBlockingStrict;
}

absl::Status Options::Validate() const {
  if (!log_path.empty()) {
    RETURN_IF_ERROR(CheckBackend("log", log_mode, log_batching, log_truncation));
    if (log_format != "json") return absl::InvalidArgumentError("--audit-log-format: json is the only format here");
    for (const auto& [flag, value] :
         {std::pair{"maxage", log_max_age_days}, {"maxbackup", log_max_backups}, {"maxsize", log_max_size_mb}}) {
      if (value < 0) return absl::InvalidArgumentError(StrCat("--audit-log-", flag, ": must not be negative"));
    }
  }
  if (!webhook_config_file.empty())
    RETURN_IF_ERROR(CheckBackend("webhook", webhook_mode, webhook_batching, webhook_truncation));
  return absl::OkStatus();
}

}  // namespace atoll::audit
