// StreamFollower: keeps a server-streaming call open for ever, and brings its messages to a loop in order. Includes
// gRPC: for .cc files.
//
// Disconnected ──open──► connecting ──accepted: on_connected──► following ──ended: on_disconnected──► waiting
// (back-off) ──► open … The back-off starts anew once a message came. One message is handled at a time, the next asked
// for after that (back-pressure).
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "common/loop/loop.h"
#include "common/loop/sync.h"
#include "common/rpc/back_off.h"
#include "common/rpc/client_stream.h"

namespace atoll::rpc {

// Loop thread only. Stop before destruction.
template <class Request, class Message>
class StreamFollower {
 public:
  struct Options {
    // Called for each attempt: where to resume from is asked anew.
    std::function<Request()> request;
    std::function<void(grpc::ClientContext*, const Request*, grpc::ClientReadReactor<Message>*)> open;
    // An error ends this connection (on_disconnected gets it) and another attempt follows.
    std::function<Task<absl::Status>(Message)> on_message;
    std::function<void()> on_connected = [] {};
    std::function<void(absl::Status)> on_disconnected = [](absl::Status) {};
    BackOff::Options back_off;
  };

  StreamFollower(Loop& loop, Options options)
      : loop_(loop), options_(std::move(options)), back_off_(options_.back_off), tasks_(loop) {}

  void Start() { tasks_.Spawn(Run()); }
  // Resumes when nothing of it runs any more. on_message is let finish.
  Task<void> Stop() {
    stopping_ = true;
    if (stream_) stream_->Cancel();
    wake_.Set();
    co_await tasks_.Join();
  }

 private:
  Task<void> Run() {
    while (!stopping_) {
      absl::Status why = co_await Follow();
      options_.on_disconnected(why);
      if (!stopping_) co_await WaitBeforeRetry();
    }
  }

  Task<absl::Status> Follow() {
    stream_ = OpenReads<Message>(options_.request(), options_.open);
    bool connected = co_await stream_->Connected();
    if (connected && !stopping_) options_.on_connected();
    absl::Status failed;
    while (connected && !stopping_ && failed.ok()) {
      auto message = co_await stream_->Next();
      if (!message || stopping_) break;
      back_off_.Reset();
      failed = co_await options_.on_message(*std::move(message));
    }
    if (!failed.ok() || stopping_) stream_->Cancel();
    absl::Status status = co_await stream_->Finish();
    stream_.reset();
    if (!failed.ok()) co_return failed;
    if (status.ok()) co_return absl::UnavailableError("the server ended the stream");
    co_return status;
  }

  Task<void> WaitBeforeRetry() {
    bool due = false;
    Loop::TimerId timer = loop_.After(back_off_.Next(loop_.random()), [&] {
      due = true;
      wake_.Set();
    });
    while (!due && !stopping_) co_await wake_.Wait();
    loop_.Cancel(timer);
  }

  Loop& loop_;
  Options options_;
  BackOff back_off_;
  bool stopping_ = false;
  std::unique_ptr<ReadStream<Request, Message>> stream_;
  WakeUp wake_;
  TaskGroup tasks_;
};

}  // namespace atoll::rpc
