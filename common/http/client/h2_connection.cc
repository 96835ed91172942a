// HTTP/2 on the client. The connection's window is opened as soon as bytes arrive, only the streams' windows hold back:
// one slow reader must not stop the others that share the connection. So at most streams x kStreamWindowBytes wait
// here.
#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/numbers.h"
#include "common/base/strings.h"
#include "common/http/client/connection.h"

namespace atoll::http {
namespace {

constexpr uint32_t kStreamWindowBytes = 128 * 1024;
constexpr uint32_t kConnectionWindowBytes = 4 * 1024 * 1024;
constexpr size_t kHeaderBytesMax = 1 << 20;

class H2ClientConnection final : public ClientConnection, public h2::Sink {
 public:
  H2ClientConnection(std::shared_ptr<ClientShared> shared, std::unique_ptr<atoll::Stream> stream)
      : ClientConnection(std::move(shared), std::move(stream)),
        session_({.role = h2::Role::kClient,
                  .stream_window_bytes = kStreamWindowBytes,
                  .connection_window_bytes = kConnectionWindowBytes,
                  .header_bytes_max = kHeaderBytesMax},
                 *this),
        idle_since_(wheel().now()) {
    wheel().Schedule(*this, wheel().now() + CheckEvery());
  }

  bool usable() const override { return !over() && session_.AcceptsRequests(); }
  size_t room() const override {
    size_t max = session_.peer_streams_max();
    return usable() && max > calls_.size() ? max - calls_.size() : 0;
  }

  void Start(std::shared_ptr<Call> call) override {
    bool with_body =
        call->request.body_stream != nullptr || !call->request.body.empty() || !call->request.upgrade.empty();
    absl::Status submitted = session_.SubmitRequest(*call, call->request.method, call->request.target, call->authority,
                                                    call->request.headers, with_body, call->request.upgrade);
    if (!submitted.ok()) return call->Fail(LostError(*call, submitted));
    call->connection = this;
    calls_.emplace(call->id, call);
    BeginBody(std::move(call));
    WakeWriter();
  }
  void Resume(Call& call) override {
    session_.Resume(call);
    WakeWriter();
  }
  void Cancel(Call& call) override {
    session_.Reset(call, h2::kCancel);
    WakeWriter();
  }
  void BodyTaken(Call& call, size_t bytes) override {
    session_.ConsumeStream(call.id, bytes);
    if (session_.WantsWrite()) WakeWriter();
  }

 private:
  void OnBytes(std::string_view bytes) override {
    absl::Status received = session_.Receive(bytes, absl::ZeroDuration());
    if (!received.ok() && session_.Finished()) return Abort(std::move(received));
    if (session_.WantsWrite() || session_.Finished()) WakeWriter();
  }
  void Fill(std::string* out, size_t bytes_max) override { session_.Fill(out, bytes_max); }
  bool Finished() const override { return session_.Finished(); }
  void OnOver(const absl::Status& why) override {
    Unlink();
    for (auto& [id, call] : std::exchange(calls_, {})) {
      call->sent |= call->head_sent;
      call->closed = true;
      call->Fail(LostError(*call, why));
    }
    TellRoom();
  }
  void OnDue() override;

  h2::Stream* OnOpen(int32_t) override { return nullptr; }
  void OnField(h2::Stream& stream, std::string_view name, std::string_view value) override {
    auto& call = static_cast<Call&>(stream);
    if (name == ":status") {
      (void)absl::SimpleAtoi(ToAbsl(value), &call.status);
    } else if (name[0] != ':') {
      call.headers.Add(name, value);
    }
  }
  void OnHead(h2::Stream& stream) override {
    auto& call = static_cast<Call&>(stream);
    if (call.status < 200) {  // an interim answer
      call.headers = {};
      return;
    }
    call.head_received = true;
    call.Answer();
  }
  void OnData(h2::Stream& stream, std::string_view bytes) override {
    auto& call = static_cast<Call&>(stream);
    session_.ConsumeConnection(bytes.size());
    if (call.pipe && !call.pipe->dropped()) call.pipe->Push(bytes);
  }
  void OnEnd(h2::Stream& stream) override {
    auto& call = static_cast<Call&>(stream);
    if (call.pipe) call.pipe->End();
  }
  void OnTaken(h2::Stream& stream) override {
    auto& call = static_cast<Call&>(stream);
    if (call.queue.size() <= Call::kQueueBytesMax / 2) call.room.Set();
  }
  void OnEndSent(h2::Stream&) override {}
  void OnClosed(h2::Stream& stream, uint32_t error_code) override;
  void OnPingAck() override { pinged_since_ = 0; }
  void OnGoaway(uint32_t) override { TellRoom(); }
  void OnSettings() override { TellRoom(); }

  h2::Session session_;
  absl::flat_hash_map<int32_t, std::shared_ptr<Call>> calls_;
  DeadlineWheel::Ticks idle_since_;
  DeadlineWheel::Ticks pinged_since_ = 0;
  bool leaving_ = false;
};

void H2ClientConnection::OnClosed(h2::Stream& stream, uint32_t error_code) {
  auto found = calls_.find(stream.id);
  if (found == calls_.end()) return;
  std::shared_ptr<Call> call = std::move(found->second);
  calls_.erase(found);
  call->sent |= call->head_sent;
  if (error_code == h2::kRefusedStream) {
    // RFC 9113 section 8.7: refused, or above a GOAWAY's last stream: it was not processed.
    call->Fail(absl::UnavailableError("the peer refused the stream; the request was not sent"));
  } else if (!call->sent) {
    call->Fail(absl::UnavailableError("the connection takes no more requests; the request was not sent"));
  } else if (!call->answered || !call->pipe->ended()) {
    call->Fail(error_code == h2::kCancel
                   ? absl::CancelledError("the stream was reset")
                   : absl::UnavailableError(StrCat("the stream was reset with HTTP/2 error ", error_code,
                                                   "; the request may have been processed")));
  } else {
    call->Release();
  }
  if (calls_.empty()) idle_since_ = wheel().now();
  TellRoom();
}

void H2ClientConnection::OnDue() {
  const ClientOptions& o = client_->options;
  if (calls_.empty()) {
    if (leaving_ || writing_since() != 0) return Abort(absl::UnavailableError("idle"));
    if (Passed(idle_since_, o.idle_timeout)) {
      leaving_ = true;
      session_.Goaway();
      WakeWriter();
    }
  } else if (pinged_since_ != 0 && last_input() <= pinged_since_) {
    if (Passed(pinged_since_, o.ping_interval)) return Abort(absl::UnavailableError("the peer answers no ping"));
  } else if (Passed(last_input(), o.ping_interval)) {
    pinged_since_ = wheel().now();
    session_.Ping();
    WakeWriter();
  } else {
    pinged_since_ = 0;
  }
  wheel().Schedule(*this, wheel().now() + CheckEvery());
}

}  // namespace

std::shared_ptr<ClientConnection> NewH2ClientConnection(std::shared_ptr<ClientShared> shared,
                                                        std::unique_ptr<atoll::Stream> stream) {
  return std::make_shared<H2ClientConnection>(std::move(shared), std::move(stream));
}

}  // namespace atoll::http
