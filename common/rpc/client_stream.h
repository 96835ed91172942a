// Streaming calls at the client, as coroutines on a loop. Includes gRPC: for .cc files.
//
//   auto stream = rpc::OpenReads<Batch>(request, [stub](auto* context, auto* request, auto* reactor) {
//     stub->async()->Watch(context, request, reactor);
//   });
//   while (auto batch = co_await stream->Next()) { ... }
//   absl::Status why = co_await stream->Finish();
//
// Back-pressure: the next message is asked for only when Next is called; what HTTP/2's window let through waits in
// gRPC.
#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/support/client_callback.h>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "common/loop/loop.h"
#include "common/loop/sync.h"
#include "common/rpc/op_slot.h"
#include "common/rpc/status.h"

namespace atoll::rpc {

namespace internal {

// gRPC's side of a client's stream. Keeps itself alive until gRPC is done with it; a hold keeps gRPC from ending the
// call between two operations of the loop.
template <class Base, class Request, class In>
class ClientReactor : public Base {
 public:
  void OnReadInitialMetadataDone(bool ok) override { connected.Fire(ok); }
  void OnReadDone(bool ok) override { read.Fire(ok); }
  void OnDone(const grpc::Status& status) override {
    done.Set(FromGrpc(status));
    auto last = std::move(self);
  }
  void Release() {
    if (!std::exchange(released, true)) this->RemoveHold();
  }

  grpc::ClientContext context;
  Request request;
  In incoming;
  OpSlot connected, read, written;
  Completion<bool> connected_done = connected.Arm();
  Completion<absl::Status> done;
  bool released = false;  // loop thread
  std::shared_ptr<ClientReactor> self;
};

template <class Base, class Request, class In>
class ClientBidiReactor final : public ClientReactor<Base, Request, In> {
 public:
  void OnWriteDone(bool ok) override { this->written.Fire(ok); }
};

}  // namespace internal

// One call. Loop thread only. Destroying it cancels the call.
template <class Base, class Request, class In>
class ClientStream {
 public:
  using Reactor = internal::ClientReactor<Base, Request, In>;
  explicit ClientStream(std::shared_ptr<Reactor> reactor) : reactor_(std::move(reactor)) {}
  ~ClientStream() {
    Cancel();
    reactor_->Release();
  }
  ClientStream(const ClientStream&) = delete;
  ClientStream& operator=(const ClientStream&) = delete;

  // True once the server has accepted the call; false when it ended before. Call at most once.
  Task<bool> Connected() {
    auto reactor = reactor_;
    bool ok = co_await reactor->connected_done.Wait();
    co_return ok;
  }
  // The next message; nullopt at the end of the server's messages, whatever the reason (see Finish). At most one at a
  // time.
  Task<std::optional<In>> Next() {
    auto reactor = reactor_;
    if (reactor->released) co_return std::nullopt;
    Completion<bool> done = reactor->read.Arm();
    reactor->StartRead(&reactor->incoming);
    bool ok = co_await done.Wait();
    if (!ok) co_return std::nullopt;
    co_return std::move(reactor->incoming);
  }
  // At most one at a time. False when the call has ended.
  template <class Out>
  Task<bool> Write(Out message) {
    auto reactor = reactor_;
    if (reactor->released) co_return false;
    // The message must outlive the operation, even if this coroutine does not.
    auto held = std::make_shared<Out>(std::move(message));
    outgoing_ = held;
    Completion<bool> done = reactor->written.Arm();
    reactor->StartWrite(held.get());
    bool ok = co_await done.Wait();
    co_return ok;
  }
  // Ends our direction; the server's goes on. Bidirectional calls only.
  void WritesDone() {
    if (!reactor_->released) reactor_->StartWritesDone();
  }
  // Cancels what still runs and waits for the call's status. Call once, last.
  Task<absl::Status> Finish() {
    auto reactor = reactor_;
    reactor->Release();
    absl::Status status = co_await reactor->done.Wait();
    co_return status;
  }
  void Cancel() { reactor_->context.TryCancel(); }

 private:
  std::shared_ptr<Reactor> reactor_;
  std::shared_ptr<void> outgoing_;
};

template <class Request, class In>
using ReadStream = ClientStream<grpc::ClientReadReactor<In>, Request, In>;
struct NoRequest {};
template <class Out, class In>
using BidiStream = ClientStream<grpc::ClientBidiReactor<Out, In>, NoRequest, In>;

// Starts a server-streaming call: `open(context, request, reactor)` names the method.
template <class In, class Request, class Open>
std::unique_ptr<ReadStream<Request, In>> OpenReads(Request request, Open open) {
  using Stream = ReadStream<Request, In>;
  auto reactor = std::make_shared<typename Stream::Reactor>();
  reactor->self = reactor;
  reactor->request = std::move(request);
  open(&reactor->context, &std::as_const(reactor->request), static_cast<grpc::ClientReadReactor<In>*>(reactor.get()));
  reactor->AddHold();
  reactor->StartCall();
  return std::make_unique<Stream>(std::move(reactor));
}

// Starts a bidirectional call: `open(context, reactor)` names the method.
template <class Out, class In, class Open>
std::unique_ptr<BidiStream<Out, In>> OpenBidi(Open open) {
  using Stream = BidiStream<Out, In>;
  auto reactor = std::make_shared<internal::ClientBidiReactor<grpc::ClientBidiReactor<Out, In>, NoRequest, In>>();
  reactor->self = reactor;
  open(&reactor->context, static_cast<grpc::ClientBidiReactor<Out, In>*>(reactor.get()));
  reactor->AddHold();
  reactor->StartCall();
  return std::make_unique<Stream>(std::move(reactor));
}

}  // namespace atoll::rpc
