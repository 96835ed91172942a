// Hot path: Send() of a small body submits and returns without suspending.
#include "common/http/server/exchange.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "absl/strings/numbers.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/http/codec/fields.h"
#include "common/log/log.h"

namespace atoll::http {
namespace {

absl::Status GoneError() { return absl::CancelledError("the peer is gone"); }

}  // namespace

Task<void> Exchange::Serve(std::shared_ptr<Exchange> self, const Handler& handler) {
  try {
    co_await handler(std::move(self->request), *self);
  } catch (const std::exception& e) {
    LOG_ERROR("http", "a handler threw", {{"error", e.what()}});
  }
  if (!self->gone_) {
    if (!self->started_) {
      (void)co_await self->Send(500, {}, "");
    } else if (!self->ended_) {
      self->AbortAnswer();
    }
  }
  self->handler_done_ = true;
  if (!self->gone_) self->HandlerDone();
}

void Exchange::OpenBody(bool has_body) {
  if (!has_body) {
    request.body = NewEmptyBody();
    return;
  }
  pipe_ = std::make_shared<BodyPipe>(this);
  request.body = BodyPipe::NewReader(pipe_);
}

absl::Status Exchange::CheckCanStart(int status, const Headers& headers) {
  if (gone_) return GoneError();
  if (started_) return absl::FailedPreconditionError("the response has started already");
  if (status < 200 || status > 999) return absl::InvalidArgumentError(StrCat("cannot answer with status ", status));
  return CheckFields(headers);
}

Task<absl::Status> Exchange::Start(int status, Headers headers) {
  CO_RETURN_IF_ERROR(CheckCanStart(status, headers));
  drops_body_ = head_request_ || StatusHasNoBody(status);
  if (std::string_view length = headers.Get("content-length"); !length.empty() && !drops_body_) {
    uint64_t bytes = 0;
    if (!absl::SimpleAtoi(ToAbsl(length), &bytes)) co_return absl::InvalidArgumentError("malformed content-length");
    length_left_ = bytes;
  }
  started_ = true;
  SubmitHead(status, headers, !drops_body_);
  Resume();
  co_return absl::OkStatus();
}

Task<absl::Status> Exchange::Write(std::string_view bytes, bool flush) {
  if (!gone_ && (!started_ || ended_)) co_return absl::FailedPreconditionError("the response is not open");
  if (drops_body_) co_return gone_ ? GoneError() : absl::OkStatus();
  if (length_left_) {
    if (bytes.size() > *length_left_) co_return absl::InternalError("more bytes than the content-length says");
    *length_left_ -= bytes.size();
  }
  while (!gone_) {
    size_t room = queue_bytes_max_ - std::min(queue_bytes_max_, queue_.size());
    std::string_view piece = bytes.substr(0, room);
    queue_.Append(piece);
    bytes.remove_prefix(piece.size());
    bool full = queue_.size() >= queue_bytes_max_;
    if (full || flush) Resume();
    if (!full) co_return absl::OkStatus();
    waiting_for_room_ = true;
    co_await room_.Wait();
  }
  co_return GoneError();
}

void Exchange::Finish() {
  ended_ = true;
  if (length_left_.value_or(0) > 0) {
    AbortAnswer();
    return;
  }
  SubmitEnd();
  Resume();
}

Task<absl::Status> Exchange::End() {
  if (gone_) co_return ended_ ? absl::OkStatus() : GoneError();
  if (!started_ || ended_) co_return absl::FailedPreconditionError("the response is not open");
  bool complete = length_left_.value_or(0) == 0;
  if (drops_body_) {
    ended_ = true;
  } else {
    Finish();
  }
  co_return complete ? absl::OkStatus() : absl::InternalError("fewer bytes than the content-length says");
}

Task<absl::Status> Exchange::Send(int status, Headers headers, std::string body) {
  CO_RETURN_IF_ERROR(CheckCanStart(status, headers));
  started_ = ended_ = true;
  drops_body_ = head_request_ || StatusHasNoBody(status);
  if (!StatusHasNoBody(status)) headers.Set("content-length", StrCat(body.size()));
  bool with_body = !drops_body_ && !body.empty();
  SubmitHead(status, headers, with_body);
  if (!with_body) {
    Resume();
    co_return absl::OkStatus();
  }
  queue_.Append(std::move(body));
  SubmitEnd();
  Resume();
  while (!gone_ && queue_.size() >= queue_bytes_max_) {
    waiting_for_room_ = true;
    co_await room_.Wait();
  }
  co_return !queue_.empty() && gone_ ? GoneError() : absl::OkStatus();
}

Task<absl::Status> ResponseWriter::Upgrade(Request&, Headers) {
  co_return absl::UnimplementedError("no other protocol is spoken here");
}

Task<absl::Status> Exchange::Upgrade(Request& asked, Headers headers) {
  if (!asks_upgrade_) co_return absl::UnimplementedError("the request asks for no other protocol");
  CO_RETURN_IF_ERROR(CheckCanStart(200, headers));
  started_ = true;
  SubmitUpgrade(asked, headers);
  Resume();
  co_return absl::OkStatus();
}

void Exchange::Abort() {
  if (!gone_) AbortAnswer();
}

void Exchange::CloseConnectionAfter() {
  if (!gone_) AskToClose();
}

Cancellation& Exchange::cancellation() {
  if (!cancellation_) {
    cancellation_.emplace();
    if (gone_) cancellation_->Cancel();
  }
  return *cancellation_;
}

void Exchange::Release() {
  if (std::exchange(gone_, true)) return;
  if (pipe_) {
    pipe_->Detach();
    pipe_->Fail(GoneError());
  }
  room_.Set();
}

void Exchange::Gone(absl::Status why) {
  if (gone_) return;
  if (pipe_) pipe_->Fail(std::move(why));
  Release();
  if (cancellation_) cancellation_->Cancel();
}

void Exchange::Taken() {
  if (!waiting_for_room_ || queue_.size() > queue_bytes_max_ / 2) return;
  waiting_for_room_ = false;
  room_.Set();
}

}  // namespace atoll::http
