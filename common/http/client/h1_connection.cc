// HTTP/1.1 on the client: one call at a time, kept alive between calls. Calls are not pipelined.
#include <algorithm>
#include <utility>

#include "common/http/client/connection.h"
#include "common/http/codec/h1_parser.h"
#include "common/http/codec/h1_writer.h"

namespace atoll::http {
namespace {

constexpr size_t kHeaderBytesMax = 1 << 20;
constexpr size_t kBodyBufferBytes = 128 * 1024;  // unread bytes of an answer above which the peer waits

class H1ClientConnection final : public ClientConnection {
 public:
  H1ClientConnection(std::shared_ptr<ClientShared> shared, std::unique_ptr<Stream> stream)
      : ClientConnection(std::move(shared), std::move(stream)),
        parser_(h1::Kind::kResponse, kHeaderBytesMax),
        idle_since_(wheel().now()) {
    wheel().Schedule(*this, wheel().now() + CheckEvery());
  }

  bool usable() const override { return !over() && !closing_; }
  size_t room() const override { return usable() && call_ == nullptr ? 1 : 0; }

  void Start(std::shared_ptr<Call> call) override {
    if (!call->request.upgrade.empty()) {
      return call->Fail(absl::UnimplementedError("the peer speaks no HTTP/2; the request was not sent"));
    }
    call_ = call;
    call->connection = this;
    parser_.Reset(/*no_body=*/call->request.method == "HEAD");
    h1::Framing framing;
    bool streamed = call->request.body_stream != nullptr;
    size_t length = call->request.body.size();
    bool with_body = BeginBody(call);
    chunked_ = framing.chunked = streamed;
    if (!streamed && (with_body || call->request.method == "POST" || call->request.method == "PUT")) {
      framing.content_length = length;
    }
    h1::AppendRequestHead(call->request.method, call->request.target, call->authority, call->request.headers, framing,
                          &output_);
    request_ended_ = false;
    WakeWriter();
  }
  void Resume(Call&) override { WakeWriter(); }
  // The rest of an answer cannot be skipped without reading it.
  void Cancel(Call&) override { Abort(absl::CancelledError("the call was cancelled")); }
  void BodyTaken(Call&, size_t) override { WakeReader(); }

 private:
  void OnBytes(std::string_view bytes) override {
    if (call_ == nullptr) return Abort(absl::UnavailableError("the peer sent bytes nobody asked for"));
    input_.append(bytes);
    Parse();
  }
  void Parse();
  void OnInputEnd() override {
    if (call_ == nullptr) return;
    parser_.FeedEnd();
    if (parser_.done()) EndCall();
  }
  bool WantsInput() const override {
    return call_ == nullptr || !call_->pipe || call_->pipe->buffered() < kBodyBufferBytes;
  }
  void Fill(std::string* out, size_t bytes_max) override;
  bool Finished() const override { return closing_; }
  void OnOver(const absl::Status& why) override {
    Unlink();
    if (call_) {
      auto call = std::exchange(call_, nullptr);
      call->Fail(LostError(*call, why));
    }
    TellRoom();
  }
  void OnDue() override {
    if (call_ == nullptr && Passed(idle_since_, client_->options.idle_timeout))
      return Abort(absl::UnavailableError("idle"));
    wheel().Schedule(*this, wheel().now() + CheckEvery());
  }
  void EndCall();

  h1::Parser parser_;
  std::string input_, output_;
  std::shared_ptr<Call> call_;
  bool chunked_ = false;
  bool request_ended_ = true;  // its last byte is in a write buffer
  bool closing_ = false;
  DeadlineWheel::Ticks idle_since_;
};

void H1ClientConnection::Parse() {
  size_t used = 0;
  while (call_ != nullptr && used < input_.size()) {
    std::string body;
    size_t step = parser_.Feed(std::string_view(input_).substr(used), &body);
    used += step;
    if (parser_.failed()) return Abort(absl::UnavailableError("malformed answer: " + parser_.error_text()));
    if (parser_.head_done() && parser_.head().status < 200) {  // an interim answer
      parser_.Reset(call_->request.method == "HEAD");
      continue;
    }
    if (parser_.head_done() && !call_->answered) {
      call_->status = parser_.head().status;
      call_->headers = std::move(parser_.head().headers);
      call_->Answer();
    }
    if (!body.empty()) call_->pipe->Push(body);
    if (parser_.done()) {
      input_.erase(0, used);
      EndCall();
      if (!input_.empty() && usable()) Abort(absl::UnavailableError("the peer sent bytes nobody asked for"));
      return;
    }
    if (step == 0) break;
  }
  input_.erase(0, used);
}

void H1ClientConnection::EndCall() {
  auto call = std::exchange(call_, nullptr);
  call->pipe->End();
  call->Release();
  idle_since_ = wheel().now();
  if (!parser_.head().keep_alive || !request_ended_) closing_ = true;
  if (closing_) WakeWriter();
  TellRoom();
}

void H1ClientConnection::Fill(std::string* out, size_t bytes_max) {
  out->append(output_);
  output_.clear();
  if (call_ == nullptr) return;
  call_->sent |= !out->empty();
  SendQueue& queue = call_->queue;
  while (!queue.empty() && out->size() < bytes_max) {
    std::string_view piece = queue.Front(bytes_max - out->size());
    if (chunked_) {
      h1::AppendChunk(piece, out);
    } else {
      out->append(piece);
    }
    queue.Pop(piece.size());
  }
  if (queue.size() <= Call::kQueueBytesMax / 2) call_->room.Set();
  if (!queue.empty() || !call_->queue_ended || request_ended_) return;
  request_ended_ = true;
  if (chunked_) h1::AppendLastChunk(out);
}

}  // namespace

std::shared_ptr<ClientConnection> NewH1ClientConnection(std::shared_ptr<ClientShared> shared,
                                                        std::unique_ptr<Stream> stream) {
  return std::make_shared<H1ClientConnection>(std::move(shared), std::move(stream));
}

}  // namespace atoll::http
