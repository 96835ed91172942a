// Hot path: each loop round is one read or one write; no allocation in a steady state.
#include "common/http/transfer/channel.h"

#include <algorithm>
#include <utility>

namespace atoll::http {

std::string BufferPool::Take() {
  if (kept_.empty()) return {};
  std::string buffer = std::move(kept_.back());
  kept_.pop_back();
  return buffer;
}

void BufferPool::Give(std::string buffer) {
  if (kept_.size() >= kKeptMax || buffer.capacity() == 0) return;
  buffer.clear();
  kept_.push_back(std::move(buffer));
}

Channel::Channel(std::shared_ptr<Shared> shared, std::unique_ptr<Stream> stream, std::string first_bytes)
    : shared_(std::move(shared)),
      stream_(std::move(stream)),
      first_bytes_(std::move(first_bytes)),
      tasks_(shared_->loop),
      last_input_(shared_->wheel.now()) {}

// The wheel is in shared_, which goes before the base class does.
Channel::~Channel() { Unlink(); }

void Channel::Abort(absl::Status why) {
  if (over_) return;
  over_ = true;
  why_ = std::move(why);
  stream_->Close();
  WakeReader();
  WakeWriter();
}

Task<void> Channel::Run() {
  tasks_.Spawn(WriteLoop());
  co_await ReadLoop();
  OnOver(why_);
  co_await tasks_.Join();
}

Task<void> Channel::ReadLoop() {
  std::unique_ptr<char[]> buffer;
  size_t capacity = 0;
  size_t wanted = kReadBytesIdle;
  if (!first_bytes_.empty()) OnBytes(std::exchange(first_bytes_, {}));
  while (!over_) {
    if (!WantsInput()) {
      co_await reader_wake_.Wait();
      continue;
    }
    if (capacity != wanted) {
      buffer = std::make_unique_for_overwrite<char[]>(wanted);
      capacity = wanted;
    }
    auto size = co_await stream_->Read(buffer.get(), capacity);
    if (over_) break;
    if (!size.ok()) {
      Abort(std::move(size).status());
      break;
    }
    if (*size == 0) {
      OnInputEnd();
      Abort(absl::UnavailableError("the peer closed the connection"));
      break;
    }
    last_input_ = wheel().now();
    OnBytes({buffer.get(), *size});
    // Follows the traffic: bodies get long reads, a connection that idles gets its small buffer back.
    if (*size == capacity) {
      wanted = std::min(capacity * 4, kReadBytesMax);
    } else if (*size < kReadBytesIdle) {
      wanted = kReadBytesIdle;
    }
  }
}

Task<void> Channel::WriteLoop() {
  while (!over_) {
    std::string out = shared_->buffers.Take();
    Fill(&out, kWriteBytes);
    if (out.empty()) {
      shared_->buffers.Give(std::move(out));
      if (Finished()) {
        Abort(absl::UnavailableError("the connection was closed"));
        break;
      }
      co_await writer_wake_.Wait();
      continue;
    }
    writing_since_ = wheel().now();
    absl::Status written = co_await stream_->Write(out);
    writing_since_ = 0;
    shared_->buffers.Give(std::move(out));
    if (!written.ok()) Abort(std::move(written));
  }
}

}  // namespace atoll::http
