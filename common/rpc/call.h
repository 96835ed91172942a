// Unary calls, both ends, as Tasks. Includes gRPC: for .cc files.
//
//   auto reply = co_await rpc::Call<Reply>(request, timeout, [stub](auto* context, auto* request, auto* reply, auto
//   done) {
//     stub->async()->Method(context, request, reply, std::move(done));
//   });
#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <chrono>
#include <functional>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/loop/loop.h"
#include "common/loop/sync.h"
#include "common/rpc/status.h"

namespace atoll::rpc {

// From a loop. `invoke` is called at once. Destroying the waiting coroutine cancels the call. Errors: the server's,
// with payloads; Unavailable, DeadlineExceeded.
template <class Reply, class Request, class Invoke>
Task<absl::StatusOr<Reply>> Call(Request request, absl::Duration timeout, Invoke invoke) {
  struct State {
    grpc::ClientContext context;
    Request request;
    Reply reply;
  };
  struct CancelAtEnd {
    std::shared_ptr<State> state;
    ~CancelAtEnd() {
      if (state) state->context.TryCancel();
    }
  };
  CancelAtEnd call{std::make_shared<State>()};
  call.state->request = std::move(request);
  call.state->context.set_deadline(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(timeout));
  Completion<absl::Status> done;
  std::function<void(grpc::Status)> on_done = [done, state = call.state](grpc::Status status) {
    done.Set(FromGrpc(status));
  };
  invoke(&call.state->context, &std::as_const(call.state->request), &call.state->reply, std::move(on_done));
  absl::Status status = co_await done.Wait();
  auto state = std::exchange(call.state, nullptr);  // ended: nothing to cancel
  if (!status.ok()) co_return status;
  co_return std::move(state->reply);
}

namespace internal {

// Ends a server's call exactly once: with the task's status, or as Unavailable when the task never got to say.
template <class Reactor>
class Finisher {
 public:
  explicit Finisher(Reactor* reactor) : reactor_(reactor) {}
  Finisher(Finisher&& other) noexcept : reactor_(std::exchange(other.reactor_, nullptr)) {}
  ~Finisher() { Finish(absl::UnavailableError("the server is stopping")); }
  void Finish(const absl::Status& status) {
    if (reactor_ != nullptr) std::exchange(reactor_, nullptr)->Finish(ToGrpc(status));
  }

 private:
  Reactor* reactor_;
};

template <class Start>
Task<void> RunUnary(Finisher<grpc::ServerUnaryReactor> finisher, Start start) {
  absl::Status status = co_await start();
  finisher.Finish(status);
}

}  // namespace internal

// Answers a unary call with a task on `loop`: for a service's method. `start()` returns a Task<absl::Status> that fills
// the reply; it is called on the loop and kept until the task ends. Request and reply live until then, too.
template <class Start>
grpc::ServerUnaryReactor* ServeUnary(grpc::CallbackServerContext* context, Loop& loop, Start start) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  loop.Spawn(internal::RunUnary(internal::Finisher<grpc::ServerUnaryReactor>(reactor), std::move(start)));
  return reactor;
}

}  // namespace atoll::rpc
