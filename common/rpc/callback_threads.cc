#include "common/rpc/callback_threads.h"

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <memory>

namespace atoll::rpc {

void KeepCallbackThreads() {
  // A server without a port: nothing but the share. Never destroyed, so that no order of destruction at exit matters.
  static const grpc::Server* const keeper = [] {
    grpc::ServerBuilder builder;
    builder.RegisterCallbackGenericService(new grpc::CallbackGenericService);
    return builder.BuildAndStart().release();
  }();
  static_cast<void>(keeper);
}

}  // namespace atoll::rpc
