// Streaming calls at the server, as coroutines on a loop. Includes gRPC: for .cc files.
//
//   grpc::ServerWriteReactor<Batch>* Watch(grpc::CallbackServerContext*, const WatchRequest* request) override {
//     return rpc::ServeWrites<Batch>(loop_, [this, r = *request](auto stream) { return Serve(r, std::move(stream)); });
//   }
//
// Back-pressure: one message is under way at a time; Write waits until HTTP/2's window took it. So a slow peer costs
// one message. gRPC's threads only post to the loop. The server must be stopped before the loop is.
#pragma once

#include <grpcpp/support/server_callback.h>

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "common/loop/loop.h"
#include "common/loop/sync.h"
#include "common/rpc/call.h"
#include "common/rpc/op_slot.h"

namespace atoll::rpc {

// What the serving coroutine holds. Loop thread only. Reads and writes fail once the peer is gone; `cancellation` tells
// at once, for those who wait for something else meanwhile.
template <class Reactor, class In, class Out>
class ServerStream {
 public:
  explicit ServerStream(Loop& loop) : loop_(loop) {}

  // At most one at a time. Errors: Cancelled.
  Task<absl::Status> Write(Out message) {
    if (reactor_ == nullptr || cancellation_.cancelled()) co_return Gone();
    outgoing_ = std::move(message);
    Completion<bool> done = written_.Arm();
    reactor_->StartWrite(&outgoing_);
    bool ok = co_await done.Wait();
    co_return ok ? absl::OkStatus() : Gone();
  }
  // At most one at a time. nullopt when the peer has ended its direction, or the call.
  Task<std::optional<In>> Read()
    requires(!std::is_void_v<In>)
  {
    if (reactor_ == nullptr || cancellation_.cancelled()) co_return std::nullopt;
    Completion<bool> done = read_.Arm();
    reactor_->StartRead(&incoming_);
    bool ok = co_await done.Wait();
    if (!ok) co_return std::nullopt;
    co_return std::move(incoming_);
  }
  Cancellation& cancellation() { return cancellation_; }

 private:
  template <class R, class I, class O>
  friend class StreamReactor;
  template <class S, class R>
  friend Task<void> RunStream(internal::Finisher<R>, std::shared_ptr<S>,
                              std::function<Task<absl::Status>(std::shared_ptr<S>)>);

  struct Nothing {};
  static absl::Status Gone() { return absl::CancelledError("the caller is gone"); }

  Loop& loop_;
  Reactor* reactor_ = nullptr;  // until the call is finished
  internal::OpSlot written_, read_;
  Out outgoing_;
  [[no_unique_address]] std::conditional_t<std::is_void_v<In>, Nothing, In> incoming_;
  Cancellation cancellation_;
};

// gRPC's side. Deletes itself when gRPC is done with it.
template <class Base, class In, class Out>
class StreamReactor : public Base {
 public:
  using Stream = ServerStream<Base, In, Out>;
  explicit StreamReactor(std::shared_ptr<Stream> stream) : stream_(std::move(stream)) { stream_->reactor_ = this; }
  void OnWriteDone(bool ok) override { stream_->written_.Fire(ok); }
  void OnCancel() override {
    stream_->loop_.Post([s = stream_] { s->cancellation_.Cancel(); });
  }
  void OnDone() override { delete this; }

 protected:
  void FireRead(bool ok) { stream_->read_.Fire(ok); }

 private:
  std::shared_ptr<Stream> stream_;
};

template <class Base, class In, class Out>
class BidiReactor final : public StreamReactor<Base, In, Out> {
 public:
  using StreamReactor<Base, In, Out>::StreamReactor;
  void OnReadDone(bool ok) override { this->FireRead(ok); }
};

template <class S, class R>
Task<void> RunStream(internal::Finisher<R> finisher, std::shared_ptr<S> stream,
                     std::function<Task<absl::Status>(std::shared_ptr<S>)> serve) {
  absl::Status status = co_await serve(stream);
  stream->reactor_ = nullptr;
  finisher.Finish(status);
}

namespace internal {
template <class Reactor, class Base, class In, class Out>
Base* Serve(Loop& loop, std::function<Task<absl::Status>(std::shared_ptr<ServerStream<Base, In, Out>>)> serve) {
  auto stream = std::make_shared<ServerStream<Base, In, Out>>(loop);
  auto* reactor = new Reactor(stream);  // deletes itself
  reactor->StartSendInitialMetadata();  // tells the caller that it is connected
  loop.Spawn(
      RunStream<ServerStream<Base, In, Out>, Base>(Finisher<Base>(reactor), std::move(stream), std::move(serve)));
  return reactor;
}
}  // namespace internal

template <class Out>
using ServerWriter = ServerStream<grpc::ServerWriteReactor<Out>, void, Out>;
template <class In, class Out>
using ServerBidi = ServerStream<grpc::ServerBidiReactor<In, Out>, In, Out>;

// For a service's server-streaming method. `serve` is called on the loop; its status ends the call.
template <class Out>
grpc::ServerWriteReactor<Out>* ServeWrites(
    Loop& loop, std::function<Task<absl::Status>(std::shared_ptr<ServerWriter<Out>>)> serve) {
  using Base = grpc::ServerWriteReactor<Out>;
  return internal::Serve<StreamReactor<Base, void, Out>, Base, void, Out>(loop, std::move(serve));
}
// For a bidirectional method.
template <class In, class Out>
grpc::ServerBidiReactor<In, Out>* ServeBidi(
    Loop& loop, std::function<Task<absl::Status>(std::shared_ptr<ServerBidi<In, Out>>)> serve) {
  using Base = grpc::ServerBidiReactor<In, Out>;
  return internal::Serve<BidiReactor<Base, In, Out>, Base, In, Out>(loop, std::move(serve));
}

}  // namespace atoll::rpc
