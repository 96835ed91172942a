#include "common/http/client/connection.h"

#include <algorithm>
#include <utility>

#include "common/base/strings.h"

namespace atoll::http {

void Call::Fail(absl::Status why) {
  if (error.ok()) error = std::move(why);
  if (pipe) pipe->Fail(error);
  Release();
  wake.Set();
}

void Call::Release() {
  connection = nullptr;
  if (pipe) pipe->Detach();
  if (copied != nullptr) std::exchange(copied, nullptr)->Cancel();
  room.Set();
}

void Call::Answer() {
  answered = true;
  pipe = std::make_shared<BodyPipe>(this);
  wake.Set();
}

void Call::OnBodyTaken(size_t bytes) {
  if (connection != nullptr) connection->BodyTaken(*this, bytes);
}

void Call::OnBodyDropped() {
  if (connection != nullptr) connection->Cancel(*this);
}

Task<void> ClientConnection::CopyBody(std::shared_ptr<Call> call, std::unique_ptr<Body> body) {
  call->copied = body.get();
  while (call->connection != nullptr) {
    auto piece = co_await body->Next();
    if (call->connection == nullptr) break;
    if (!piece.ok()) {
      ClientConnection* connection = call->connection;
      call->copied = nullptr;
      call->Fail(absl::CancelledError(StrCat("the request's body failed: ", piece.status().message())));
      connection->Cancel(*call);
      break;
    }
    if (piece->empty()) {
      call->copied = nullptr;
      call->queue_ended = true;
      call->connection->Resume(*call);
      break;
    }
    std::string_view rest = *piece;
    while (!rest.empty() && call->connection != nullptr) {
      size_t n = std::min(rest.size(), Call::kQueueBytesMax - std::min(Call::kQueueBytesMax, call->queue.size()));
      if (n == 0) {
        co_await call->room.Wait();
        continue;
      }
      call->queue.Append(rest.substr(0, n));
      rest.remove_prefix(n);
      call->connection->Resume(*call);
    }
  }
  call->copied = nullptr;
}

bool ClientConnection::BeginBody(std::shared_ptr<Call> call) {
  if (call->request.body_stream != nullptr) {
    tasks().Spawn(CopyBody(call, std::move(call->request.body_stream)));
    return true;
  }
  call->queue_ended = true;
  if (call->request.body.empty()) return false;
  call->queue.Append(std::move(call->request.body));
  return true;
}

absl::Status ClientConnection::LostError(const Call& call, const absl::Status& why) {
  return absl::UnavailableError(
      StrCat("the connection was lost: ", why.message(),
             call.sent ? "; the request may have been processed" : "; the request was not sent"));
}

DeadlineWheel::Ticks ClientConnection::CheckEvery() {
  const ClientOptions& o = client_->options;
  return std::max<DeadlineWheel::Ticks>(1, wheel().FromDuration(std::min(o.ping_interval, o.idle_timeout)) / 4);
}

}  // namespace atoll::http
