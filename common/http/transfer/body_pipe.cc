#include "common/http/transfer/body_pipe.h"

#include <utility>

namespace atoll::http {
namespace {

class EmptyBody final : public Body {
 public:
  Task<absl::StatusOr<std::string>> Next() override { co_return std::string(); }
};

}  // namespace

class BodyPipe::Reader final : public Body {
 public:
  explicit Reader(std::shared_ptr<BodyPipe> pipe) : pipe_(std::move(pipe)) {}
  ~Reader() override { pipe_->Drop(); }
  Task<absl::StatusOr<std::string>> Next() override { return Pull(pipe_); }
  void Cancel() override {
    pipe_->Drop();
    pipe_->error_ = absl::CancelledError("the body was given up");
    pipe_->wake_.Set();
  }

 private:
  std::shared_ptr<BodyPipe> pipe_;
};

std::unique_ptr<Body> BodyPipe::NewReader(std::shared_ptr<BodyPipe> pipe) {
  return std::make_unique<Reader>(std::move(pipe));
}

void BodyPipe::Push(std::string_view bytes) {
  bytes_.append(bytes);
  wake_.Set();
}

void BodyPipe::End() {
  ended_ = true;
  wake_.Set();
}

void BodyPipe::Fail(absl::Status error) {
  if (ended_ || !error_.ok()) return;
  error_ = std::move(error);
  std::string().swap(bytes_);
  wake_.Set();
}

void BodyPipe::Drop() {
  if (std::exchange(dropped_, true)) return;
  size_t unread = std::exchange(bytes_, {}).size();
  if (owner_ == nullptr) return;
  if (unread > 0) owner_->OnBodyTaken(unread);
  // The owner may detach in either call.
  if (owner_ != nullptr) owner_->OnBodyDropped();
}

Task<absl::StatusOr<std::string>> BodyPipe::Pull(std::shared_ptr<BodyPipe> pipe) {
  while (pipe->bytes_.empty() && !pipe->ended_ && pipe->error_.ok()) {
    if (pipe->owner_ != nullptr) pipe->owner_->OnBodyWanted();
    co_await pipe->wake_.Wait();
  }
  if (!pipe->error_.ok()) co_return pipe->error_;
  std::string piece = std::exchange(pipe->bytes_, {});
  if (pipe->owner_ != nullptr && !piece.empty()) pipe->owner_->OnBodyTaken(piece.size());
  co_return piece;
}

std::unique_ptr<Body> NewEmptyBody() { return std::make_unique<EmptyBody>(); }

}  // namespace atoll::http
