// absl::Status over gRPC. Payloads (a Kubernetes Status among them) travel in the standard grpc-status-details-bin
// field, as a google.rpc.Status whose details are Any(type URL, bytes); so an error that crosses a process is the one
// its client sees.
#pragma once

#include "absl/status/status.h"

namespace grpc {
class Status;
}

namespace atoll::rpc {

grpc::Status ToGrpc(const absl::Status& status);
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace atoll::rpc
