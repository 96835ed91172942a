#include "front-proxy/forward/forward.h"

#include <charconv>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "common/base/strings.h"
#include "common/loop/sync.h"

namespace atoll::front_proxy {
namespace {

// Answers up to this size are sent in one piece.
constexpr size_t kSmallBytes = 64 * 1024;

// Passes a body on and counts it.
class CountingBody final : public http::Body {
 public:
  CountingBody(std::unique_ptr<http::Body> from, std::shared_ptr<uint64_t> bytes)
      : from_(std::move(from)), bytes_(std::move(bytes)) {}
  Task<absl::StatusOr<std::string>> Next() override {
    auto piece = co_await from_->Next();
    if (piece.ok()) *bytes_ += piece->size();
    co_return piece;
  }
  void Cancel() override { from_->Cancel(); }

 private:
  std::unique_ptr<http::Body> from_;
  std::shared_ptr<uint64_t> bytes_;
};

// What the client says once its connection speaks another protocol. There is nothing to read before the shard has
// agreed to that. Shared by the request's copier and by whoever upgrades.
struct LateBody {
  std::unique_ptr<http::Body> body;
  bool cancelled = false;
  WakeUp wake;
};

class LateBodyReader final : public http::Body {
 public:
  explicit LateBodyReader(std::shared_ptr<LateBody> late) : late_(std::move(late)) {}
  Task<absl::StatusOr<std::string>> Next() override {
    auto late = late_;  // the reader may go while this waits
    while (late->body == nullptr && !late->cancelled) co_await late->wake.Wait();
    if (late->cancelled) co_return absl::CancelledError("the other protocol was not begun, or has ended");
    auto piece = co_await late->body->Next();
    co_return piece;
  }
  void Cancel() override {
    late_->cancelled = true;
    late_->wake.Set();
    if (late_->body != nullptr) late_->body->Cancel();
  }

 private:
  const std::shared_ptr<LateBody> late_;
};

bool MayHaveBody(const http::Request& request) {
  if (request.method == "GET" || request.method == "HEAD") return false;
  const std::string_view length = request.headers.Get("content-length");
  return length != "0";
}

}  // namespace

void RemoveHopByHop(http::Headers* headers) {
  for (std::string_view value : headers->GetAll("connection")) {
    std::vector<std::string> named = absl::StrSplit(ToAbsl(value), ',');
    for (const std::string& name : named) headers->Remove(ToStd(absl::StripAsciiWhitespace(name)));
  }
  for (std::string_view name : {"connection", "keep-alive", "proxy-connection", "transfer-encoding", "te", "trailer",
                                "upgrade", "http2-settings"})
    headers->Remove(name);
}

Task<ForwardResult> Forward(http::Client& client, ForwardTarget target, http::Request request,
                            http::ResponseWriter& out) {
  ForwardResult result;
  auto request_bytes = std::make_shared<uint64_t>(0);
  RemoveHopByHop(&request.headers);
  if (!request.authority.empty()) request.headers.Set("x-forwarded-host", request.authority);
  request.headers.Add("x-forwarded-for", request.peer_address.substr(0, request.peer_address.rfind(':')));
  const bool has_body = MayHaveBody(request);

  auto make = [&request, &target] {
    http::ClientRequest r;
    r.method = request.method;
    r.target = target.target;
    r.headers = request.headers;
    r.header_timeout = absl::InfiniteDuration();
    return r;
  };
  http::ClientRequest first = make();
  std::shared_ptr<LateBody> late;
  if (!request.upgrade.empty()) {
    late = std::make_shared<LateBody>();
    first.upgrade = request.upgrade;
    // HTTP/2 needs no key, but this client's answer does: the shard is to see that it is missing.
    if (request.http_major == 1 && !first.headers.Has("sec-websocket-key")) first.headers.Add("sec-websocket-key", "");
    first.body_stream = std::make_unique<CountingBody>(std::make_unique<LateBodyReader>(late), request_bytes);
  }
  if (has_body) first.body_stream = std::make_unique<CountingBody>(std::move(request.body), request_bytes);
  auto response = co_await client.Do(target.origin, std::move(first));
  if (!response.ok() && !has_body && late == nullptr &&
      absl::StrContains(response.status().message(), "request was not sent")) {
    response = co_await client.Do(target.origin, make());
  }
  result.request_bytes = *request_bytes;
  if (!response.ok()) {
    result.status = 502;
    (void)co_await out.Send(502, {}, "");
    co_return result;
  }
  result.status = response->status;
  RemoveHopByHop(&response->headers);

  // An ordinary answer to such a request is 200, too. The handshake's proof tells them apart where it matters: on
  // HTTP/2 both look alike.
  const bool upgraded = late != nullptr && response->status == 200 &&
                        (request.http_major == 2 || response->headers.Has("sec-websocket-accept"));
  size_t length = 0;
  const std::string_view length_text = response->headers.Get("content-length");
  const bool small =
      !length_text.empty() &&
      std::from_chars(length_text.data(), length_text.data() + length_text.size(), length).ec == std::errc() &&
      length <= kSmallBytes;
  if (small) {
    auto body = co_await response->body->ReadAll(kSmallBytes);
    if (!body.ok()) {
      result.status = 502;
      (void)co_await out.Send(502, {}, "");
      co_return result;
    }
    result.response_bytes = body->size();
    (void)co_await out.Send(response->status, std::move(response->headers), *std::move(body));
    co_return result;
  }

  // A stream may be silent for long (a watch): the client's leaving must end the wait for the shard's next piece.
  http::Body* body = response->body.get();
  const uint64_t on_cancel = out.cancellation().OnCancel([body] { body->Cancel(); });
  absl::Status sent;
  if (upgraded) {
    sent = co_await out.Upgrade(request, std::move(response->headers));
    late->body = std::move(request.body);
    late->wake.Set();
  } else {
    sent = co_await out.Start(response->status, std::move(response->headers));
  }
  bool complete = false;
  while (sent.ok()) {
    auto piece = co_await body->Next();
    if (!piece.ok()) break;
    if (piece->empty()) {
      complete = true;
      break;
    }
    result.response_bytes += piece->size();
    sent = co_await out.Write(*piece);
  }
  out.cancellation().Forget(on_cancel);
  if (upgraded) late->body->Cancel();
  // An unfinished answer must not look finished: without End the transport resets the stream.
  if (complete && sent.ok()) (void)co_await out.End();
  result.request_bytes = *request_bytes;
  co_return result;
}

}  // namespace atoll::front_proxy
