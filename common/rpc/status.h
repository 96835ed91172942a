// absl::Status over gRPC. Payloads (a Kubernetes Status among them) travel in the standard grpc-status-details-bin
// field, as a google.rpc.Status whose details are Any(type URL, bytes); so an error that crosses a process is the one
// its client sees. Bounds: payloads of more than 40 KiB are left out, a message ends after 2 KiB.
#pragma once

#include <cstddef>

#include "absl/status/status.h"

namespace grpc {
class Status;
}

namespace atoll::rpc {

// Of the headers of a call, at both ends.
inline constexpr size_t kHeaderBytesMax = 64 << 10;

grpc::Status ToGrpc(const absl::Status& status);
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace atoll::rpc
