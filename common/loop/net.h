// Byte streams and listeners. The real network is Asio's (asio_loop.h); tests and the simulation have an in-memory one.
// A Stream and its Reads and Writes live on one loop. At most one Read and one Write wait at a time. A waiting
// operation may outlive its Stream (it returns Cancelled) and may be destroyed (it is then forgotten). Streams and
// listeners end before their loop is destroyed.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/loop/task.h"

namespace atoll {

class Stream {
 public:
  virtual ~Stream() = default;
  // Reads at least one byte into `buffer` (at most `size_bytes`); 0 is the end of the stream. Errors: Unavailable,
  // Cancelled.
  virtual Task<absl::StatusOr<size_t>> Read(char* buffer, size_t size_bytes) = 0;
  // Resumes when a Read may be expected not to wait; at once where that is not known. Lets an idle connection wait
  // without a buffer. Counts as a Read; errors come from the Read that follows.
  virtual Task<void> WaitReadable() { co_return; }
  // Writes all of `bytes`, which must stay valid until it returns.
  virtual Task<absl::Status> Write(std::string_view bytes) = 0;
  // Ends both directions; waiting operations return Cancelled. Idempotent.
  virtual void Close() = 0;
  // `host:port` of the peer, for logs and audit.
  virtual std::string peer_address() const = 0;
};

class Listener {
 public:
  virtual ~Listener() = default;
  // The next connection; Cancelled after Close. Passing trouble (a connection reset in the queue, no file descriptors)
  // is waited out.
  virtual Task<absl::StatusOr<std::unique_ptr<Stream>>> Accept() = 0;
  virtual int port() const = 0;
  virtual void Close() = 0;
};

class Net {
 public:
  virtual ~Net() = default;
  // Binds on the calling loop. `port` 0 picks a free one. `share_port` lets several loops listen on one port
  // (SO_REUSEPORT). Errors: AlreadyExists (port in use), PermissionDenied, InvalidArgument (bad address).
  virtual absl::StatusOr<std::unique_ptr<Listener>> Listen(const std::string& host, int port, bool share_port) = 0;
  // Errors: Unavailable, DeadlineExceeded.
  virtual Task<absl::StatusOr<std::unique_ptr<Stream>>> Connect(std::string host, int port, absl::Duration timeout) = 0;
};

}  // namespace atoll
