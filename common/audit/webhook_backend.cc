#include "common/audit/webhook_backend.h"

#include <algorithm>
#include <deque>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "common/base/strings.h"
#include "common/log/log.h"

namespace atoll::audit {
namespace {

constexpr std::string_view kHead = R"({"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[)";
constexpr double kBackoffFactor = 1.5, kBackoffJitter = 0.2;
constexpr absl::Duration kAnswerTime = absl::Seconds(30);

}  // namespace

// `waiting` is shared between threads; everything else is the loop's.
struct WebhookBackend::Impl : std::enable_shared_from_this<WebhookBackend::Impl> {
  struct Event {
    Line line;
    Stored stored;
  };

  Impl(Loop& l, Options o) : loop(l), options(std::move(o)), sends(l), tokens(options.burst) {}

  void Lose(std::vector<Event>& events, std::string_view plugin) {
    options.metrics->errors.With({plugin}).Add(events.size());
    for (Event& event : events) {
      if (event.stored) event.stored->Set(false);
    }
  }

  void Submit(Event event) {
    bool full = false, first = false;
    {
      absl::MutexLock lock(&mutex);
      if (closed || waiting.size() >= options.events_max || bytes + event.line->size() > options.bytes_max) {
        full = true;
      } else {
        bytes += event.line->size();
        // Who waits for its event is not made to wait for the batch's time.
        urgent |= event.stored.has_value();
        waiting.push_back(std::move(event));
        first = waiting.size() == 1 || waiting.size() == options.batch_max || urgent;
      }
    }
    if (full) {
      std::vector<Event> lost;
      lost.push_back(std::move(event));
      return Lose(lost, "buffered");
    }
    if (first) loop.Post([self = shared_from_this()] { self->Consider(); });
  }

  // Starts a batch, or the wait for one.
  void Consider() {
    if (sending >= kBatchesMax) return;  // comes back when one has ended
    size_t count = 0;
    bool now = stop.cancelled();
    {
      absl::MutexLock lock(&mutex);
      count = waiting.size();
      now |= urgent || count >= options.batch_max || bytes >= options.batch_bytes_max;
    }
    if (count == 0) return;
    const absl::Duration time = loop.clock().Monotonic();
    if (!now && oldest_known) now = time >= batch_due;
    if (!now) {
      if (!std::exchange(oldest_known, true)) {
        batch_due = time + options.batch_wait;
        Wake(options.batch_wait);
      }
      return;
    }
    if (!stop.cancelled() && options.batches_per_second > 0 && !TakeToken(time)) return;
    oldest_known = false;
    ++sending;
    sends.Spawn(Send(shared_from_this(), Take()));
    Consider();
  }

  bool TakeToken(absl::Duration time) {
    tokens =
        std::min<double>(options.burst, tokens + absl::ToDoubleSeconds(time - tokens_at) * options.batches_per_second);
    tokens_at = time;
    if (tokens >= 1) {
      tokens -= 1;
      return true;
    }
    if (!std::exchange(throttled, true)) Wake(absl::Seconds((1 - tokens) / options.batches_per_second));
    return false;
  }

  void Wake(absl::Duration after) {
    loop.After(after, [weak = weak_from_this()] {
      auto self = weak.lock();
      if (self == nullptr) return;
      self->throttled = false;
      self->Consider();
    });
  }

  // Ends early when the process does.
  Task<void> Pause(absl::Duration time) {
    WakeUp over;
    const Loop::TimerId timer = loop.After(time, [&over] { over.Set(); });
    const uint64_t cancelled = stop.OnCancel([&over] { over.Set(); });
    co_await over.Wait();
    loop.Cancel(timer);
    stop.Forget(cancelled);
  }

  std::vector<Event> Take() {
    std::vector<Event> out;
    absl::MutexLock lock(&mutex);
    size_t size = 0;
    while (!waiting.empty() && out.size() < options.batch_max) {
      size += waiting.front().line->size();
      if (!out.empty() && size > options.batch_bytes_max) break;
      bytes -= waiting.front().line->size();
      out.push_back(std::move(waiting.front()));
      waiting.pop_front();
    }
    urgent = std::any_of(waiting.begin(), waiting.end(), [](const Event& e) { return e.stored.has_value(); });
    return out;
  }

  static Task<void> Send(std::shared_ptr<Impl> self, std::vector<Event> events) {
    std::string body(kHead);
    for (const Event& event : events) StrAppend(&body, body.ends_with('[') ? "" : ",", *event.line);
    body += "]}";
    absl::Duration pause = self->options.initial_backoff;
    absl::Status error;
    for (int attempt = 1; attempt <= kAttemptsMax; ++attempt) {
      error = co_await self->Post(body);
      if (error.ok() || self->stop.cancelled() || attempt == kAttemptsMax) break;
      const double jitter = 1 + kBackoffJitter * static_cast<double>(self->loop.random().Below(1000)) / 1000;
      co_await self->Pause(pause * jitter);
      pause *= kBackoffFactor;
    }
    if (error.ok()) {
      for (Event& event : events) {
        if (event.stored) event.stored->Set(true);
      }
    } else {
      LOG_ERROR("audit", "events are lost: the webhook cannot be reached",
                {{"events", events.size()}, {"error", ToStd(error.message())}});
      self->Lose(events, "webhook");
    }
    --self->sending;
    self->ended.Set();
    self->Consider();
  }

  Task<absl::Status> Post(std::string body) {
    http::ClientRequest request;
    request.method = "POST";
    request.target = options.server.path;
    request.headers.Add("content-type", "application/json");
    request.headers.Add("accept", "application/json");
    if (!options.server.token.empty()) request.headers.Add("authorization", StrCat("Bearer ", options.server.token));
    request.body = std::move(body);
    request.header_timeout = kAnswerTime;
    if (client == nullptr) client = http::NewClient(loop);
    auto answer = co_await client->Do({.host = options.server.host,
                                       .port = options.server.port,
                                       .server_name = options.server.server_name,
                                       .tls = options.server.tls},
                                      std::move(request));
    if (!answer.ok()) co_return answer.status();
    if (answer->status < 200 || answer->status > 299)
      co_return absl::UnavailableError(StrCat("it answered ", answer->status));
    co_return absl::OkStatus();
  }

  Loop& loop;
  const Options options;
  std::unique_ptr<http::Client> client;
  TaskGroup sends;
  WakeUp ended;
  int sending = 0;
  Cancellation stop;
  bool oldest_known = false;  // batch_due is set and a timer runs
  bool throttled = false;     // a timer runs for the next token
  absl::Duration batch_due;
  double tokens;
  absl::Duration tokens_at;

  absl::Mutex mutex;
  std::deque<Event> waiting ABSL_GUARDED_BY(mutex);
  size_t bytes ABSL_GUARDED_BY(mutex) = 0;
  bool urgent ABSL_GUARDED_BY(mutex) = false;
  bool closed ABSL_GUARDED_BY(mutex) = false;
};

WebhookBackend::WebhookBackend(Loop& loop, Options options) : impl_(std::make_shared<Impl>(loop, std::move(options))) {}
WebhookBackend::~WebhookBackend() = default;

void WebhookBackend::Submit(Line line, Stored stored) { impl_->Submit({std::move(line), std::move(stored)}); }

Task<void> WebhookBackend::Stop(absl::Duration grace) {
  auto impl = impl_;
  {
    absl::MutexLock lock(&impl->mutex);
    impl->closed = true;
  }
  impl->stop.Cancel();
  impl->Consider();
  const absl::Duration end = impl->loop.clock().Monotonic() + grace;
  const Loop::TimerId timer = impl->loop.After(grace, [weak = std::weak_ptr<Impl>(impl)] {
    if (auto self = weak.lock()) self->ended.Set();
  });
  while (impl->sending > 0 && impl->loop.clock().Monotonic() < end) co_await impl->ended.Wait();
  impl->loop.Cancel(timer);
  if (impl->client != nullptr) impl->client->Close();
  co_await impl->sends.Join();
  std::vector<Impl::Event> left;
  {
    absl::MutexLock lock(&impl->mutex);
    left.assign(std::make_move_iterator(impl->waiting.begin()), std::make_move_iterator(impl->waiting.end()));
    impl->waiting.clear();
  }
  impl->Lose(left, "webhook");
  impl->client.reset();
}

}  // namespace atoll::audit
