// WATCH: a cursor in the registry, drained into the stream as the peer takes it. Hot path: nothing here may allocate per watcher while it is
// idle, or block. An event is one line; what fails before the first byte is an HTTP status, afterwards an ERROR event.
#include <algorithm>

#include "common/api/errors.h"
#include "common/base/strings.h"
#include "common/json/write.h"
#include "shard/endpoints/open_watches.h"
#include "shard/endpoints/options.h"
#include "shard/endpoints/represent.h"
#include "shard/endpoints/respond.h"
#include "shard/endpoints/verbs.h"
#include "shard/endpoints/watch_schedule.h"

namespace atoll::endpoints {
namespace {

constexpr absl::Duration kTimeoutMin = absl::Minutes(30);  // when the client names none: drawn from [30, 60) minutes

const char* TypeName(registry::WatchEvent::Type type) {
  switch (type) {
    case registry::WatchEvent::Type::kAdded:
      return "ADDED";
    case registry::WatchEvent::Type::kModified:
      return "MODIFIED";
    case registry::WatchEvent::Type::kDeleted:
      return "DELETED";
    case registry::WatchEvent::Type::kBookmark:
      return "BOOKMARK";
  }
  return "";
}

// Writes events as lines.
class EventLines {
 public:
  explicit EventLines(const Representer& representer) : representer_(representer) {}

  absl::Status Append(const registry::WatchEvent& event, std::string* out) {
    const size_t before = out->size();
    StrAppend(out, "{\"type\":\"", TypeName(event.type), "\",\"object\":");
    if (event.type == registry::WatchEvent::Type::kBookmark) {
      representer_.AppendBookmark(event.revision, event.initial_events_end, first_, out);
    } else if (event.object.modified() == event.revision) {
      if (absl::Status s = representer_.AppendEventObject(event.object, first_, out); !s.ok()) return Undo(before, out, std::move(s));
    } else {
      // The last state of what is gone, at the revision of its going.
      storage::StoredObject gone(event.object.value(), event.revision);
      if (absl::Status s = representer_.AppendEventObject(gone, first_, out); !s.ok()) return Undo(before, out, std::move(s));
    }
    out->append("}\n");
    first_ = false;
    return absl::OkStatus();
  }

  static std::string Error(const absl::Status& status) {
    return Cat("{\"type\":\"ERROR\",\"object\":", json::Write(api::StatusObject(status)), "}\n");
  }

 private:
  static absl::Status Undo(size_t size, std::string* out, absl::Status status) {
    out->resize(size);
    return status;
  }

  const Representer& representer_;
  bool first_ = true;
};

// Wakes the watch when its peer goes away.
class WakeOnCancel {
 public:
  WakeOnCancel(Cancellation& cancellation, registry::ObjectWatch* watch) : cancellation_(cancellation) {
    id_ = cancellation_.OnCancel([watch] { watch->Wake(); });
  }
  ~WakeOnCancel() { cancellation_.Forget(id_); }
  WakeOnCancel(const WakeOnCancel&) = delete;
  WakeOnCancel& operator=(const WakeOnCancel&) = delete;

 private:
  Cancellation& cancellation_;
  uint64_t id_;
};

}  // namespace

Task<void> Watch(Call& call, const Backend& backend) {
  if (absl::Status s = NegotiateFor(call, /*stream=*/true); !s.ok()) co_return co_await SendError(call, std::move(s));
  call.representation.pretty = false;  // an event is one line
  auto options = ParseListOptions(call.info.query);
  if (!options.ok()) co_return co_await SendError(call, options.status());
  auto representer = Representer::For(call, backend.clock->Now());
  if (!representer.ok()) co_return co_await SendError(call, representer.status());
  if (backend.watches->draining()) {
    co_return co_await SendError(call, api::TooManyRequests("The apiserver is shutting down, please try again later.", 5));
  }
  Loop& loop = *Loop::Current();
  if (options->timeout == absl::ZeroDuration()) {
    options->timeout = kTimeoutMin + absl::Milliseconds(loop.random().Below(static_cast<uint64_t>(absl::ToInt64Milliseconds(kTimeoutMin))));
  }
  const registry::CallContext ctx = ContextOf(call);
  auto watch = co_await backend.registry->Watch(ctx, *options);
  if (!watch.ok()) co_return co_await SendError(call, watch.status());
  OpenWatches::Ticket ticket(backend.watches, watch->get());
  WakeOnCancel wake(call.out.cancellation(), watch->get());

  call.code = 200;
  if (absl::Status s = co_await call.out.Start(200, CommonHeaders(call, "application/json")); !s.ok()) co_return;
  EventLines lines(*representer);
  WatchSchedule schedule(loop.clock().Monotonic(), options->timeout, options->allow_bookmarks);
  store::Revision sent;  // the newest that the peer knows of
  std::string text;
  while (!schedule.Over(loop.clock().Monotonic()) && !call.out.cancellation().cancelled() && !backend.watches->draining()) {
    auto events = co_await (*watch)->Next(schedule.Wait(loop.clock().Monotonic()));
    absl::Status failed = events.status();
    if (events.ok()) {
      for (const registry::WatchEvent& event : *events) {
        if (event.type == registry::WatchEvent::Type::kBookmark && !options->allow_bookmarks) continue;
        if (failed = lines.Append(event, &text); !failed.ok()) break;
        sent = std::max(sent, event.revision);
      }
      if (failed.ok() && schedule.TakeBookmark(loop.clock().Monotonic())) {
        registry::WatchEvent bookmark{.type = registry::WatchEvent::Type::kBookmark, .revision = (*watch)->through()};
        if (bookmark.revision.value != 0 && bookmark.revision >= sent) (void)lines.Append(bookmark, &text);
      }
    }
    if (!failed.ok()) text += EventLines::Error(failed);
    if (!text.empty()) {
      call.response_bytes += text.size();
      if (absl::Status s = co_await call.out.Write(text); !s.ok()) co_return;
      text.clear();
      if (text.capacity() > 16 * 1024) text.shrink_to_fit();  // idle again: keep little
    }
    if (!failed.ok()) break;
  }
  (void)co_await call.out.End();
}

}  // namespace atoll::endpoints
