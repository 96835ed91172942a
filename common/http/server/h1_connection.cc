// HTTP/1.1 on the server: one exchange at a time, pipelined requests wait unparsed, so answers leave in the order of
// the requests.
//
//   idle ── head ──► exchange ── answer's last byte written, request's last byte read ──► idle, or closing
//     └─ bad head ─► 400/431/501 ─► closing ── output written, or lingered ──► over
//
// After a final answer to a request that is still arriving, the connection lingers: it reads and drops for a while,
// because closing at once would make the peer's kernel drop the answer (RFC 9112 section 9.6).
#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "common/base/strings.h"
#include "common/http/codec/fields.h"
#include "common/http/codec/h1_parser.h"
#include "common/http/codec/h1_writer.h"
#include "common/http/server/connection.h"
#include "common/http/server/exchange.h"

namespace atoll::http {
namespace {

constexpr size_t kPipelinedBytesMax = 16 * 1024;  // read ahead while a handler runs; beyond it the peer waits
constexpr size_t kKeptInputBytes = 4 * 1024;
constexpr size_t kKeptOutputBytes = 1024;
constexpr absl::Duration kLinger = absl::Seconds(1);

class H1Connection;

class H1Exchange final : public Exchange {
 public:
  H1Exchange(H1Connection* connection, size_t queue_bytes_max)
      : Exchange(queue_, queue_bytes_max), connection_(connection) {}

  void SubmitHead(int status, const Headers& headers, bool with_body) override;
  void SubmitUpgrade(Request& request, const Headers& headers) override;
  void SubmitEnd() override { queue_ended_ = true; }
  void Resume() override;
  void AbortAnswer() override;
  void AskToClose() override { close_ = true; }
  void HandlerDone() override {}
  void OnBodyWanted() override;
  void OnBodyTaken(size_t bytes) override;
  void OnBodyDropped() override;

  void Begin(h1::Head&& head);
  std::shared_ptr<BodyPipe>& pipe() { return pipe_; }

  SendQueue queue_;
  bool queue_ended_ = false;
  bool head_written_ = false;
  bool chunked_ = false;
  bool close_ = false;  // the connection ends after this answer
  bool wants_continue_ = false;
  bool upgraded_ = false;  // another protocol's bytes, both ways

 private:
  H1Connection* const connection_;  // valid while !gone()
  bool http_1_0_ = false;
  std::string upgrade_;
};

class H1Connection final : public ServerConnection {
 public:
  H1Connection(std::shared_ptr<ServerShared> shared, std::unique_ptr<Stream> stream,
               std::shared_ptr<const PeerCertificates> certificates, std::string first_bytes)
      : ServerConnection(std::move(shared), std::move(stream), std::move(certificates), std::move(first_bytes)),
        parser_(h1::Kind::kRequest, server_->options.header_bytes_max),
        idle_since_(wheel().now()) {
    wheel().Schedule(*this, wheel().now() + CheckEvery());
  }

  void BeginDrain() override {
    if (current_) {
      current_->close_ = true;
    } else {
      closing_ = true;
      WakeWriter();
    }
  }

  std::string* output() { return &output_; }
  void Wake() { WakeWriter(); }
  void WakeInput() { WakeReader(); }
  // What has been read after the request is the new protocol's.
  void InputIsRaw() { Advance(); }

 private:
  void OnBytes(std::string_view bytes) override {
    input_.append(bytes);
    Advance();
  }
  bool WantsInput() const override {
    if (!current_ || closing_) return true;
    if (current_->upgraded_) return current_->pipe()->buffered() < server_->options.stream_window_bytes;
    if (parser_.done()) return input_.size() < kPipelinedBytesMax;
    return current_->pipe() == nullptr || current_->pipe()->buffered() < server_->options.stream_window_bytes;
  }
  void Fill(std::string* out, size_t bytes_max) override;
  bool Finished() const override { return closing_ && output_.empty() && !current_ && !lingering_; }
  void OnOver(const absl::Status&) override {
    Unlink();
    if (current_) std::exchange(current_, nullptr)->Gone(absl::CancelledError("the connection was closed"));
  }
  void OnDue() override;

  void Advance();
  bool Step();
  void BeginExchange();
  void Refuse();
  void EndExchange();
  void Linger();

  h1::Parser parser_;
  std::string input_;      // read and not parsed
  size_t input_used_ = 0;  // of its front, while Advance runs
  std::string output_;     // heads and interim answers
  std::shared_ptr<H1Exchange> current_;
  bool advancing_ = false;
  bool closing_ = false;    // nothing more is parsed
  bool lingering_ = false;  // closing, once the peer had time to read the answer
  DeadlineWheel::Ticks idle_since_, head_since_ = 0, linger_since_ = 0;
};

// --- the exchange's side ---

void H1Exchange::Begin(h1::Head&& head) {
  request.method = std::move(head.method);
  request.target = std::move(head.target);
  request.authority = std::move(head.authority);
  request.headers = std::move(head.headers);
  request.http_major = 1;
  head_request_ = request.method == "HEAD";
  http_1_0_ = head.http_1_0;
  close_ = !head.keep_alive || http_1_0_;
  wants_continue_ = head.expect_continue && head.has_body;
  OpenBody(head.has_body);
  if (request.method == "GET" && !head.has_body && !http_1_0_ &&
      HasListToken(request.headers.GetAll("connection"), "upgrade")) {
    upgrade_ = request.headers.Get("upgrade");
    request.upgrade = ToStd(absl::AsciiStrToLower(ToAbsl(upgrade_)));
    asks_upgrade_ = IsToken(upgrade_);
  }
}

void H1Exchange::SubmitUpgrade(Request& asked, const Headers& headers) {
  std::string* out = connection_->output();
  StrAppend(out, "HTTP/1.1 101 Switching Protocols\r\nupgrade: ", upgrade_, "\r\nconnection: Upgrade\r\n");
  for (const auto& [name, value] : headers.fields()) {
    if (!IsConnectionField(name)) StrAppend(out, name, ": ", value, "\r\n");
  }
  out->append("\r\n");
  head_written_ = upgraded_ = close_ = true;
  pipe_ = std::make_shared<BodyPipe>(this);
  asked.body = BodyPipe::NewReader(pipe_);
  connection_->InputIsRaw();
}

void H1Exchange::SubmitHead(int status, const Headers& headers, bool with_body) {
  h1::Framing framing;
  uint64_t length = 0;
  if (!StatusHasNoBody(status)) {
    if (absl::SimpleAtoi(ToAbsl(headers.Get("content-length")), &length)) {
      framing.content_length = length;
    } else if (with_body) {
      chunked_ = framing.chunked = !http_1_0_;
    }
  }
  // A body that was promised only on our word, which we never gave, may or may not come: nobody can say where the next
  // request begins.
  if (wants_continue_) close_ = true;
  framing.close = close_;
  h1::AppendResponseHead(status, headers, framing, connection_->output());
  head_written_ = true;
  if (!with_body) queue_ended_ = true;
}

void H1Exchange::Resume() { connection_->Wake(); }

void H1Exchange::AbortAnswer() { connection_->Abort(absl::CancelledError("the answer was not finished")); }

void H1Exchange::OnBodyWanted() {
  if (!wants_continue_ || head_written_) return;
  wants_continue_ = false;
  connection_->output()->append("HTTP/1.1 100 Continue\r\n\r\n");
  connection_->Wake();
}

void H1Exchange::OnBodyTaken(size_t) { connection_->WakeInput(); }
void H1Exchange::OnBodyDropped() { connection_->WakeInput(); }

// --- the connection's side ---

// Parses what has arrived as far as the state allows. Not re-entered: ending an exchange inside asks for another round.
void H1Connection::Advance() {
  if (std::exchange(advancing_, true)) return;
  while (!over() && Step()) {
  }
  advancing_ = false;
  input_.erase(0, std::exchange(input_used_, 0));
  if (input_.empty() && input_.capacity() > kKeptInputBytes) std::string().swap(input_);
}

bool H1Connection::Step() {
  if (closing_ || parser_.failed()) {
    input_used_ = input_.size();
    return false;
  }
  if (current_ && current_->upgraded_) {
    if (!current_->pipe()->dropped()) current_->pipe()->Push(std::string_view(input_).substr(input_used_));
    input_used_ = input_.size();
    return false;
  }
  if (current_ && parser_.done()) return false;
  std::string body;
  size_t used = parser_.Feed(std::string_view(input_).substr(input_used_), &body);
  input_used_ += used;
  if (parser_.failed()) {
    Refuse();
    return false;
  }
  if (!current_) {
    if (parser_.started() && head_since_ == 0) head_since_ = wheel().now();
    if (!parser_.head_done()) return false;
    BeginExchange();
  }
  if (auto& pipe = current_->pipe(); pipe && !pipe->dropped()) {
    if (!body.empty()) pipe->Push(body);
    if (parser_.done()) pipe->End();
  }
  return used > 0;
}

void H1Connection::BeginExchange() {
  head_since_ = 0;
  current_ = std::make_shared<H1Exchange>(this, server_->options.send_buffer_bytes);
  current_->Begin(std::move(parser_.head()));
  if (server_->draining) current_->close_ = true;
  FillPeer(&current_->request);
  ++server_->stats.requests_total;
  tasks().Spawn(Exchange::Serve(current_, server_->handler));
}

void H1Connection::Refuse() {
  if (current_) {
    // Its body turned out malformed. The handler learns of it by a failing Next; the stream is beyond repair.
    Abort(absl::InvalidArgumentError(parser_.error_text()));
    return;
  }
  std::string text = parser_.error_text() + "\n";
  Headers headers;
  headers.Add("content-type", "text/plain; charset=utf-8");
  h1::AppendResponseHead(parser_.error_status(), headers, {.content_length = text.size(), .close = true}, &output_);
  output_ += text;
  closing_ = true;
  Linger();
  WakeWriter();
}

void H1Connection::Linger() {
  lingering_ = true;
  linger_since_ = wheel().now();
  wheel().Schedule(*this, wheel().now() + wheel().FromDuration(kLinger));
}

void H1Connection::Fill(std::string* out, size_t bytes_max) {
  out->append(output_);
  output_.clear();
  if (output_.capacity() > kKeptOutputBytes) std::string().swap(output_);
  if (!current_ || !current_->head_written_) return;
  SendQueue& queue = current_->queue_;
  while (!queue.empty() && out->size() < bytes_max) {
    std::string_view piece = queue.Front(bytes_max - out->size());
    if (current_->chunked_) {
      h1::AppendChunk(piece, out);
    } else {
      out->append(piece);
    }
    queue.Pop(piece.size());
  }
  current_->Taken();
  if (!queue.empty() || !current_->queue_ended_) return;
  if (current_->chunked_) h1::AppendLastChunk(out);
  EndExchange();
}

void H1Connection::EndExchange() {
  std::shared_ptr<H1Exchange> done = std::exchange(current_, nullptr);
  idle_since_ = wheel().now();
  bool request_done = parser_.done();
  done->Release();
  if (!request_done || done->close_ || server_->draining) {
    closing_ = true;
    if (!request_done || done->upgraded_) Linger();
    return;
  }
  parser_.Reset();
  Advance();
}

void H1Connection::OnDue() {
  const ServerOptions& o = server_->options;
  if (WriteStalled()) return Abort(absl::DeadlineExceededError("the peer does not read"));
  if (lingering_ && Passed(linger_since_, kLinger)) {
    lingering_ = false;
    WakeWriter();
  } else if (head_since_ != 0 && Passed(head_since_, o.header_timeout)) {
    return Abort(absl::DeadlineExceededError("the request's header did not arrive in time"));
  } else if (!current_ && !closing_ && head_since_ == 0 && Passed(idle_since_, o.idle_timeout)) {
    return Abort(absl::DeadlineExceededError("idle"));
  }
  wheel().Schedule(*this, wheel().now() + (lingering_ ? 1 : CheckEvery()));
}

}  // namespace

std::shared_ptr<ServerConnection> NewH1Connection(std::shared_ptr<ServerShared> shared, std::unique_ptr<Stream> stream,
                                                  std::shared_ptr<const PeerCertificates> certificates,
                                                  std::string first_bytes) {
  return std::make_shared<H1Connection>(std::move(shared), std::move(stream), std::move(certificates),
                                        std::move(first_bytes));
}

}  // namespace atoll::http
