#include "common/audit/log_backend.h"

#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/log/log.h"

namespace atoll::audit {

struct LogBackend::Impl {
  struct Waiting {
    Line line;
    Stored stored;
  };

  explicit Impl(Options o) : options(std::move(o)), file(options.file) {}

  // False when it must be dropped. `*start`: the writer has to be woken.
  bool Add(Waiting* event, bool* start) {
    absl::MutexLock lock(&mutex);
    if (waiting.size() >= options.events_max || bytes + event->line->size() > options.bytes_max) return false;
    bytes += event->line->size();
    waiting.push_back(std::move(*event));
    *start = !std::exchange(writing, true);
    return true;
  }

  // On the writer's thread.
  void WriteAll() {
    for (;;) {
      std::vector<Waiting> events;
      {
        absl::MutexLock lock(&mutex);
        if (waiting.empty()) {
          writing = false;
          return;
        }
        events.swap(waiting);
        bytes = 0;
      }
      std::vector<std::string_view> lines;
      lines.reserve(events.size());
      for (const Waiting& event : events) lines.push_back(*event.line);
      absl::Status error;
      const size_t written = file.Write(lines, &error);
      if (written < events.size()) {
        options.metrics->errors.With({"log"}).Add(events.size() - written);
        LOG_ERROR("audit", "events are lost", {{"events", events.size() - written}, {"error", ToStd(error.message())}});
      }
      for (size_t i = 0; i < events.size(); ++i) {
        if (events[i].stored) events[i].stored->Set(i < written);
      }
    }
  }

  const Options options;
  RotatingFile file;  // the writer's
  absl::Mutex mutex;
  std::vector<Waiting> waiting ABSL_GUARDED_BY(mutex);
  size_t bytes ABSL_GUARDED_BY(mutex) = 0;
  bool writing ABSL_GUARDED_BY(mutex) = false;
};

absl::StatusOr<std::unique_ptr<LogBackend>> LogBackend::Create(Options options) {
  auto impl = std::make_shared<Impl>(std::move(options));
  RETURN_IF_ERROR(impl->file.Open());
  return std::unique_ptr<LogBackend>(new LogBackend(std::move(impl)));
}

LogBackend::LogBackend(std::shared_ptr<Impl> impl)
    : impl_(std::move(impl)), writer_({.threads = 1, .queue_max = 1, .name = "audit-log"}) {}

LogBackend::~LogBackend() = default;  // the pool drains before it joins

void LogBackend::Submit(Line line, Stored stored) {
  Impl::Waiting event{std::move(line), std::move(stored)};
  bool start = false;
  if (!impl_->Add(&event, &start)) {
    impl_->options.metrics->errors.With({"buffered"}).Add();
    if (event.stored) event.stored->Set(false);
    return;
  }
  // There is one job at most: it is started when none runs, and ends when nothing waits.
  if (start) ATOLL_CHECK(writer_.TrySubmit([impl = impl_] { impl->WriteAll(); }));
}

}  // namespace atoll::audit
