// WATCH: a cursor in the registry, drained into the stream as the peer takes it. Hot path: nothing here may allocate
// per watcher while it is idle, or block. An event is one line, one length and its bytes, or one WebSocket message;
// what fails before the first byte is an HTTP status, afterwards an ERROR event.
#include <algorithm>
#include <optional>

#include "common/api/errors.h"
#include "common/api/protobuf/codec.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/http/websocket/handshake.h"
#include "common/http/websocket/session.h"
#include "common/json/write.h"
#include "shard/endpoints/open_watches.h"
#include "shard/endpoints/options.h"
#include "shard/endpoints/represent.h"
#include "shard/endpoints/respond.h"
#include "shard/endpoints/verbs.h"
#include "shard/endpoints/watch_metrics.h"
#include "shard/endpoints/watch_schedule.h"

namespace atoll::endpoints {
namespace {

namespace websocket = http::websocket;

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

// Writes events as lines of JSON, or as frames of protobuf; on a WebSocket each as a message of its own.
class EventWriter {
 public:
  EventWriter(const Representer& representer, Media media, bool messages, WatchMetrics::Series series)
      : representer_(representer), protobuf_(media == Media::kProtobuf), messages_(messages), series_(series) {}

  // On an error `out` is as it was.
  absl::Status Append(const registry::WatchEvent& event, std::string* out) {
    const size_t before = out->size();
    if (messages_) {
      std::string message;
      RETURN_IF_ERROR(AppendEvent(event, &message));
      AppendMessage(message, out);
    } else {
      RETURN_IF_ERROR(AppendEvent(event, out));
    }
    series_.Sent(out->size() - before);
    return absl::OkStatus();
  }

  void AppendError(const absl::Status& status, std::string* out) const {
    const std::string object = json::Write(api::StatusObject(status));
    std::string text = protobuf_ ? api::protobuf::WatchFrame("ERROR", api::protobuf::EncodeObject(object).value_or(""))
                                 : Cat("{\"type\":\"ERROR\",\"object\":", object, "}\n");
    if (messages_) {
      AppendMessage(text, out);
    } else {
      out->append(text);
    }
  }

 private:
  // A message has its length already.
  void AppendMessage(std::string_view event, std::string* out) const {
    if (protobuf_) event.remove_prefix(kFrameLengthBytes);
    websocket::AppendFrame(protobuf_ ? websocket::Opcode::kBinary : websocket::Opcode::kText, event, out);
  }

  absl::Status AppendEvent(const registry::WatchEvent& event, std::string* out) {
    if (protobuf_) return AppendFrame(event, out);
    const size_t before = out->size();
    StrAppend(out, "{\"type\":\"", TypeName(event.type), "\",\"object\":");
    if (absl::Status s = AppendObject(event, out); !s.ok()) {
      out->resize(before);
      return s;
    }
    out->append("}\n");
    return absl::OkStatus();
  }

  absl::Status AppendObject(const registry::WatchEvent& event, std::string* out) {
    if (event.type == registry::WatchEvent::Type::kBookmark) {
      representer_.AppendBookmark(event.revision, event.initial_events_end, first_, out);
    } else if (event.object.modified() == event.revision) {
      RETURN_IF_ERROR(representer_.AppendEventObject(event.object, first_, out));
    } else {
      // The last state of what is gone, at the revision of its going.
      storage::StoredObject gone(event.object.value(), event.revision);
      RETURN_IF_ERROR(representer_.AppendEventObject(gone, first_, out));
    }
    first_ = false;
    return absl::OkStatus();
  }

  absl::Status AppendFrame(const registry::WatchEvent& event, std::string* out) {
    std::string text;
    RETURN_IF_ERROR(AppendObject(event, &text));
    auto encoded = api::protobuf::EncodeObject(text);
    if (!encoded) return absl::InternalError("the object has no protobuf form");
    out->append(api::protobuf::WatchFrame(TypeName(event.type), *encoded));
    return absl::OkStatus();
  }

  static constexpr size_t kFrameLengthBytes = 4;

  const Representer& representer_;
  const bool protobuf_, messages_;
  WatchMetrics::Series series_;
  bool first_ = true;
};

// 200 and the stream's headers, or the handshake of a WebSocket. False: it was refused, or nobody is there.
Task<bool> Open(Call& call) {
  if (!websocket::Wanted(call.request)) {
    call.code = 200;
    const bool protobuf = call.representation.media == Media::kProtobuf;
    absl::Status started =
        co_await call.out.Start(200, CommonHeaders(call, protobuf ? kProtobufWatch : "application/json"));
    co_return started.ok();
  }
  websocket::Answer answer = websocket::Accept(call.request);
  call.code = answer.status;
  if (answer.status != 101) {
    (void)co_await call.out.Send(answer.status, std::move(answer.headers), std::move(answer.text));
    co_return false;
  }
  absl::Status upgraded = co_await call.out.Upgrade(call.request, std::move(answer.headers));
  co_return upgraded.ok();
}

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
    co_return co_await SendError(call,
                                 api::TooManyRequests("The apiserver is shutting down, please try again later.", 5));
  }
  Loop& loop = *Loop::Current();
  if (options->timeout == absl::ZeroDuration()) {
    // Spread, so that watches which began together do not all come back together.
    const auto spread_ms = static_cast<uint64_t>(absl::ToInt64Milliseconds(backend.watch_timeout_min));
    options->timeout = backend.watch_timeout_min + absl::Milliseconds(loop.random().Below(spread_ms));
  }
  const registry::CallContext ctx = ContextOf(call);
  auto watch = co_await backend.registry->Watch(ctx, *options);
  if (!watch.ok()) co_return co_await SendError(call, watch.status());
  OpenWatches::Ticket ticket(backend.watches, watch->get(), ctx);
  call.seat.Release();
  WakeOnCancel wake(call.out.cancellation(), watch->get());

  if (!co_await Open(call)) co_return;
  std::optional<websocket::Session> socket;
  if (websocket::Wanted(call.request)) socket.emplace(loop, call.request, [w = watch->get()] { w->Wake(); });
  EventWriter writer(
      *representer, call.representation.media, socket.has_value(),
      backend.watch_metrics == nullptr ? WatchMetrics::Series() : backend.watch_metrics->Of(*call.definition));
  WatchSchedule schedule(loop.clock().Monotonic(), options->timeout, options->allow_bookmarks);
  store::Revision sent;  // the newest that the peer knows of
  std::string text;
  while (!schedule.Over(loop.clock().Monotonic()) && !call.out.cancellation().cancelled() &&
         !backend.watches->draining() && !(socket && socket->over())) {
    absl::Duration now = loop.clock().Monotonic();
    const bool last = ticket.ended();
    absl::Duration wait = last ? absl::ZeroDuration() : schedule.Wait(now);
    if (socket) wait = std::min(wait, socket->Wait(now));
    auto events = co_await (*watch)->Next(wait);
    // Before anything is sent: who may no longer watch learns of nothing more.
    if (ticket.TakeRecheck() && call.may_go_on && !co_await call.may_go_on()) break;
    absl::Status failed = events.status();
    if (events.ok()) {
      if (!events->empty() && representer->table()) representer->SetNow(backend.clock->Now());
      for (const registry::WatchEvent& event : *events) {
        if (event.type == registry::WatchEvent::Type::kBookmark && !options->allow_bookmarks) continue;
        if (failed = writer.Append(event, &text); !failed.ok()) break;
        sent = std::max(sent, event.revision);
      }
      if (failed.ok() && schedule.TakeBookmark(loop.clock().Monotonic())) {
        registry::WatchEvent bookmark{.type = registry::WatchEvent::Type::kBookmark, .revision = (*watch)->through()};
        if (bookmark.revision.value != 0 && bookmark.revision >= sent) (void)writer.Append(bookmark, &text);
      }
    }
    if (!failed.ok()) writer.AppendError(failed, &text);
    if (socket) socket->AppendReplies(loop.clock().Monotonic(), &text);
    if (!text.empty()) {
      call.response_bytes += text.size();
      if (absl::Status s = co_await call.out.Write(text); !s.ok()) co_return;
      text.clear();
      if (text.capacity() > 16 * 1024) text.shrink_to_fit();  // idle again: keep little
    }
    if (!failed.ok() || last) break;
  }
  if (socket) {
    text.clear();
    socket->AppendFarewell(backend.watches->draining() ? websocket::kGoingAway : websocket::kNormal, &text);
    (void)co_await call.out.Write(text);
  }
  (void)co_await call.out.End();
}

}  // namespace atoll::endpoints
