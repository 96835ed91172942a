// HTTP/2 on the server: the session machine, one H2Exchange a stream, and the connection's deadlines.
//
//   open ── BeginDrain, CloseConnectionAfter, idle ──► notice sent ── ping answered, or 1 s ──► GOAWAY sent ── last
//   stream ends ──► over
//     └─ flood, protocol error ─► GOAWAY with the error ─► over
#include <algorithm>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "common/base/strings.h"
#include "common/http/codec/fields.h"
#include "common/http/codec/h2_session.h"
#include "common/http/server/connection.h"
#include "common/http/server/exchange.h"

namespace atoll::http {
namespace {

// A peer may have this many connection-wide stream windows outstanding.
constexpr uint32_t kConnectionWindows = 4;
// Handlers may outlive their streams (the peer resets them and opens others); beyond this many times streams_max,
// streams are refused.
constexpr size_t kHandlersPerStream = 2;
constexpr absl::Duration kDrainPingWait = absl::Seconds(1);
// How long the rest of a request may take once its answer is complete. Clients that meet a reset while they still send
// forget the answer that came before it (curl); a small body is there in no time.
constexpr absl::Duration kLinger = absl::Seconds(1);
constexpr size_t kFieldOverheadBytes = 32;  // RFC 9113 section 6.5.2

class H2Connection;

class H2Exchange final : public h2::Stream, public Exchange {
 public:
  H2Exchange(H2Connection* connection, size_t queue_bytes_max)
      : Exchange(queue, queue_bytes_max), connection_(connection) {}

  void SubmitHead(int status, const Headers& headers, bool with_body) override;
  void SubmitUpgrade(Request&, const Headers& headers) override { SubmitHead(200, headers, /*with_body=*/true); }
  void SubmitEnd() override { queue_ended = true; }
  void Resume() override;
  void AbortAnswer() override;
  void AskToClose() override;
  void HandlerDone() override;
  void OnBodyWanted() override;
  void OnBodyTaken(size_t bytes) override;
  void OnBodyDropped() override {}

  void AddField(std::string_view name, std::string_view value, size_t header_bytes_max);
  void Begin();
  std::shared_ptr<BodyPipe>& pipe() { return pipe_; }
  bool header_too_large() const { return header_bytes_left_ < 0; }
  bool lingers() const { return lingers_since_ != 0; }
  DeadlineWheel::Ticks lingers_since() const { return lingers_since_; }
  void Linger();
  std::shared_ptr<H2Exchange> Shared() { return std::static_pointer_cast<H2Exchange>(shared_from_this()); }

 private:
  H2Connection* const connection_;  // valid while !gone()
  int64_t header_bytes_left_ = 0;
  bool header_begun_ = false;
  bool wants_continue_ = false;
  bool head_submitted_ = false;
  DeadlineWheel::Ticks lingers_since_ = 0;  // the answer is complete, the request is not, since; 0: it does not linger
};

class H2Connection final : public ServerConnection, public h2::Sink {
 public:
  H2Connection(std::shared_ptr<ServerShared> shared, std::unique_ptr<atoll::Stream> stream,
               std::shared_ptr<const PeerCertificates> certificates, std::string first_bytes)
      : ServerConnection(std::move(shared), std::move(stream), std::move(certificates), std::move(first_bytes)),
        session_({.role = h2::Role::kServer,
                  .streams_max = server_->options.streams_max,
                  .stream_window_bytes = server_->options.stream_window_bytes,
                  .connection_window_bytes = server_->options.stream_window_bytes * kConnectionWindows,
                  .header_bytes_max = server_->options.header_bytes_max},
                 *this),
        idle_since_(wheel().now()) {
    wheel().Schedule(*this, wheel().now() + CheckEvery());
  }

  void BeginDrain() override;

  h2::Session& session() { return session_; }
  void Wake() { WakeWriter(); }
  DeadlineWheel::Ticks Now() { return wheel().now(); }
  void StartLingering();

 private:
  void OnBytes(std::string_view bytes) override;
  void Fill(std::string* out, size_t bytes_max) override;
  bool Finished() const override { return session_.Finished(); }
  void OnOver(const absl::Status& why) override;
  void OnDue() override;

  h2::Stream* OnOpen(int32_t id) override;
  void OnField(h2::Stream& stream, std::string_view name, std::string_view value) override;
  void OnHead(h2::Stream& stream) override;
  void OnData(h2::Stream& stream, std::string_view bytes) override;
  void OnEnd(h2::Stream& stream) override;
  void OnTaken(h2::Stream& stream) override { static_cast<H2Exchange&>(stream).Taken(); }
  void OnEndSent(h2::Stream& stream) override;
  void OnClosed(h2::Stream& stream, uint32_t error_code) override;
  void OnPingAck() override;
  void OnGoaway(uint32_t) override {}

  void Settle();
  void EndLingering();

  h2::Session session_;
  absl::flat_hash_map<int32_t, std::shared_ptr<H2Exchange>> exchanges_;
  // Closed inside a call of the session; their handlers are told once it has returned.
  std::vector<std::pair<std::shared_ptr<H2Exchange>, absl::Status>> closed_;
  DeadlineWheel::Ticks idle_since_;
  DeadlineWheel::Ticks head_since_ = 0;  // a header block is incomplete since; 0: none
  DeadlineWheel::Ticks pinged_since_ = 0;
  DeadlineWheel::Ticks notice_since_ = 0;
  bool draining_ = false;
  bool goaway_ = false;
  bool any_request_ = false;
  bool any_lingers_ = false;  // perhaps
};

// --- the exchange's side ---

void H2Exchange::AddField(std::string_view name, std::string_view value, size_t header_bytes_max) {
  if (!std::exchange(header_begun_, true)) header_bytes_left_ = static_cast<int64_t>(header_bytes_max);
  header_bytes_left_ -= static_cast<int64_t>(name.size() + value.size() + kFieldOverheadBytes);
  if (header_too_large()) return;
  if (name[0] != ':') {
    if (name == "host") {
      if (request.authority.empty()) request.authority = std::string(value);
    } else {
      request.headers.Add(name, value);
    }
  } else if (name == ":method") {
    request.method.assign(value.data(), value.size());
  } else if (name == ":path") {
    request.target.assign(value.data(), value.size());
  } else if (name == ":authority") {
    request.authority.assign(value.data(), value.size());
  } else if (name == ":protocol") {
    request.upgrade = ToStd(absl::AsciiStrToLower(ToAbsl(value)));
  }
}

void H2Exchange::Begin() {
  request.http_major = 2;
  head_request_ = request.method == "HEAD";
  asks_upgrade_ = !request.upgrade.empty();
  // RFC 8441: what HTTP/1.1 says with GET and Upgrade.
  if (asks_upgrade_) request.method = "GET";
  wants_continue_ = !end_received && request.headers.Get("expect") == "100-continue";
  OpenBody(!end_received);
}

void H2Exchange::SubmitHead(int status, const Headers& headers, bool with_body) {
  head_submitted_ = true;
  if (!with_body) queue_ended = true;
  connection_->session().SubmitResponse(*this, status, headers, with_body);
}

void H2Exchange::Resume() {
  connection_->session().Resume(*this);
  connection_->Wake();
}

void H2Exchange::AbortAnswer() {
  connection_->session().Reset(*this, h2::kInternalError);
  connection_->Wake();
}

void H2Exchange::AskToClose() { connection_->BeginDrain(); }

void H2Exchange::HandlerDone() {
  if (end_sent && !end_received) Linger();
}

void H2Exchange::Linger() {
  if (lingers()) return;
  lingers_since_ = connection_->Now();
  connection_->StartLingering();
}

void H2Exchange::OnBodyWanted() {
  if (!wants_continue_ || head_submitted_) return;
  wants_continue_ = false;
  connection_->session().SubmitContinue(*this);
  connection_->Wake();
}

void H2Exchange::OnBodyTaken(size_t bytes) {
  connection_->session().Consume(id, bytes);
  if (connection_->session().WantsWrite()) connection_->Wake();
}

// --- the connection's side ---

void H2Connection::OnBytes(std::string_view bytes) {
  // Flood budgets need no better clock than the wheel's.
  absl::Status received = session_.Receive(bytes, loop().clock().Monotonic());
  Settle();
  if (!received.ok()) {
    draining_ = goaway_ = true;
    if (session_.Finished()) return Abort(std::move(received));
  }
  if (!session_.in_head()) {
    head_since_ = 0;
  } else if (head_since_ == 0) {
    head_since_ = wheel().now();
  }
  if (session_.WantsWrite() || session_.Finished()) WakeWriter();
}

void H2Connection::Fill(std::string* out, size_t bytes_max) {
  session_.Fill(out, bytes_max);
  Settle();
}

void H2Connection::Settle() {
  while (!closed_.empty()) {
    auto closed = std::exchange(closed_, {});
    for (auto& [exchange, why] : closed) {
      if (why.ok()) {
        exchange->Release();
      } else {
        exchange->Gone(std::move(why));
      }
    }
  }
}

h2::Stream* H2Connection::OnOpen(int32_t id) {
  if (tasks().running() > kHandlersPerStream * server_->options.streams_max) return nullptr;
  auto exchange = std::make_shared<H2Exchange>(this, server_->options.send_buffer_bytes);
  h2::Stream* stream = exchange.get();
  exchanges_.emplace(id, std::move(exchange));
  return stream;
}

void H2Connection::OnField(h2::Stream& stream, std::string_view name, std::string_view value) {
  static_cast<H2Exchange&>(stream).AddField(name, value, server_->options.header_bytes_max);
}

void H2Connection::OnHead(h2::Stream& stream) {
  auto& exchange = static_cast<H2Exchange&>(stream);
  exchange.head_received = true;
  any_request_ = true;
  ++server_->stats.requests_total;
  if (exchange.header_too_large()) {
    Headers headers;
    headers.Add("content-length", "0");
    session_.SubmitResponse(exchange, 431, headers, /*with_body=*/false);
    if (!exchange.end_received) exchange.Linger();
    return;
  }
  exchange.Begin();
  FillPeer(&exchange.request);
  tasks().Spawn(Exchange::Serve(exchange.Shared(), server_->handler));
}

void H2Connection::OnData(h2::Stream& stream, std::string_view bytes) {
  auto& exchange = static_cast<H2Exchange&>(stream);
  if (exchange.lingers()) return session_.ConsumeConnection(bytes.size());  // at most the stream's window
  auto& pipe = exchange.pipe();
  if (pipe == nullptr || pipe->dropped()) {
    session_.Consume(stream.id, bytes.size());
  } else {
    pipe->Push(bytes);
  }
}

void H2Connection::OnEnd(h2::Stream& stream) {
  if (auto& pipe = static_cast<H2Exchange&>(stream).pipe()) pipe->End();
}

void H2Connection::OnEndSent(h2::Stream& stream) {
  auto& exchange = static_cast<H2Exchange&>(stream);
  if (exchange.handler_done()) exchange.HandlerDone();
}

void H2Connection::OnClosed(h2::Stream& stream, uint32_t error_code) {
  auto found = exchanges_.find(stream.id);
  if (found == exchanges_.end()) return;
  std::shared_ptr<H2Exchange> exchange = std::move(found->second);
  exchanges_.erase(found);
  if (auto& pipe = exchange->pipe(); pipe && pipe->buffered() > 0) session_.ConsumeConnection(pipe->buffered());
  if (exchange->pipe()) exchange->pipe()->Detach();
  bool complete = exchange->end_sent;
  closed_.emplace_back(std::move(exchange),
                       complete ? absl::OkStatus() : absl::CancelledError("the peer reset the stream"));
  if (exchanges_.empty()) idle_since_ = wheel().now();
  (void)error_code;
}

void H2Connection::OnPingAck() {
  pinged_since_ = 0;
  if (draining_ && !std::exchange(goaway_, true)) session_.Goaway();
}

void H2Connection::BeginDrain() {
  if (std::exchange(draining_, true)) return;
  notice_since_ = wheel().now();
  session_.ShutdownNotice();
  session_.Ping();
  wheel().Schedule(*this, wheel().now() + wheel().FromDuration(kDrainPingWait));
  WakeWriter();
}

void H2Connection::StartLingering() {
  // Once: what comes due must not be put off by each stream that begins to linger.
  if (!std::exchange(any_lingers_, true)) wheel().Schedule(*this, wheel().now() + wheel().FromDuration(kLinger));
}

void H2Connection::EndLingering() {
  any_lingers_ = false;
  for (auto& [id, exchange] : exchanges_) {
    if (!exchange->lingers()) continue;
    if (Passed(exchange->lingers_since(), kLinger)) {
      // RFC 9113 section 8.1: the answer is complete, the rest of the request is not wanted.
      session_.Reset(*exchange, h2::kNoError);
      WakeWriter();
    } else {
      any_lingers_ = true;
    }
  }
}

void H2Connection::OnOver(const absl::Status&) {
  Unlink();
  for (auto& [id, exchange] : std::exchange(exchanges_, {})) {
    exchange->closed = true;
    exchange->Gone(absl::CancelledError("the connection was closed"));
  }
  Settle();
}

void H2Connection::OnDue() {
  const ServerOptions& o = server_->options;
  if (WriteStalled()) return Abort(absl::DeadlineExceededError("the peer does not read"));
  if (head_since_ != 0 && Passed(head_since_, o.header_timeout)) {
    return Abort(absl::DeadlineExceededError("the request's header did not arrive in time"));
  }
  if (draining_ && !goaway_ && Passed(notice_since_, kDrainPingWait)) {
    goaway_ = true;
    session_.Goaway();
    WakeWriter();
  }
  if (exchanges_.empty()) {
    absl::Duration limit = any_request_ ? o.idle_timeout : std::min(o.header_timeout, o.idle_timeout);
    if (goaway_) {
      // A peer that keeps the connection although it has been told to go gets as long again.
      if (Passed(std::max(idle_since_, notice_since_), limit * 2)) return Abort(absl::DeadlineExceededError("idle"));
    } else if (Passed(idle_since_, limit)) {
      draining_ = goaway_ = true;
      notice_since_ = wheel().now();
      session_.Goaway();
      WakeWriter();
    }
  } else if (pinged_since_ != 0 && last_input() <= pinged_since_) {
    if (Passed(pinged_since_, o.idle_timeout / 2))
      return Abort(absl::DeadlineExceededError("the peer answers no ping"));
  } else if (Passed(last_input(), o.idle_timeout / 2)) {
    // Streams are open and the peer is silent: find out whether it is there. A dead watcher must not stay for ever.
    pinged_since_ = wheel().now();
    session_.Ping();
    WakeWriter();
  } else {
    pinged_since_ = 0;
  }
  if (any_lingers_) EndLingering();
  wheel().Schedule(*this, wheel().now() + (any_lingers_ ? wheel().FromDuration(kLinger) : CheckEvery()));
}

}  // namespace

std::shared_ptr<ServerConnection> NewH2Connection(std::shared_ptr<ServerShared> shared,
                                                  std::unique_ptr<atoll::Stream> stream,
                                                  std::shared_ptr<const PeerCertificates> certificates,
                                                  std::string first_bytes) {
  return std::make_shared<H2Connection>(std::move(shared), std::move(stream), std::move(certificates),
                                        std::move(first_bytes));
}

}  // namespace atoll::http
