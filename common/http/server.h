// HTTPS server for HTTP/2 and HTTP/1.1 (ALPN), one instance a loop.
//
// A connection, its streams and its handlers live on the loop that accepted it. Handlers are coroutines; a handler
// whose peer is gone learns of it through ResponseWriter::cancellation() and through errors of Write.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/http/message.h"
#include "common/loop/loop.h"
#include "common/loop/sync.h"

namespace atoll::tls {
class ServerContext;
}

namespace atoll::http {

class ResponseWriter {
 public:
  virtual ~ResponseWriter() = default;
  // Sends status and headers; at most once. A content-length in `headers` is honoured for HTTP/1.1, else chunks are
  // used.
  virtual Task<absl::Status> Start(int status, Headers headers) = 0;
  // Sends body bytes. Returns once the bytes are handed to the transport and the stream's send buffer is below its
  // bound, so a slow reader suspends its writer and nobody else. `flush` false allows coalescing with the next Write.
  virtual Task<absl::Status> Write(std::string_view bytes, bool flush = true) = 0;
  virtual Task<absl::Status> End() = 0;
  // Status, headers, content-length and body at once; the fast path.
  virtual Task<absl::Status> Send(int status, Headers headers, std::string body) = 0;
  // Hands the connection (HTTP/1.1) or the stream (HTTP/2, RFC 8441) over to the protocol that request.upgrade names:
  // in place of Start. From then on request.body and Write carry that protocol's bytes as they are, until End. Errors:
  // Unimplemented when the request asks for none, or the writer knows none; else as Start.
  virtual Task<absl::Status> Upgrade(Request& request, Headers headers);
  // Breaks the answer off so that the peer cannot take it for a whole one: resets the stream, or closes the connection.
  virtual void Abort() {}
  // Asks the peer to use another connection (GOAWAY, or Connection: close).
  virtual void CloseConnectionAfter() = 0;
  virtual bool started() const = 0;
  // Cancelled when the peer resets the stream, closes the connection, or the server stops draining.
  virtual Cancellation& cancellation() = 0;
};

using Handler = std::function<Task<void>(Request request, ResponseWriter& out)>;

struct ServerOptions {
  std::string bind_address = "127.0.0.1";
  int port = 0;
  bool share_port = false;                    // several loops on one port
  size_t header_bytes_max = 1 << 20;          // 431 beyond
  uint32_t streams_max = 250;                 // concurrent streams a connection, SETTINGS_MAX_CONCURRENT_STREAMS
  uint32_t stream_window_bytes = 256 * 1024;  // what a peer may send ahead on one stream
  size_t send_buffer_bytes = 64 * 1024;       // per stream; Write suspends above it
  size_t connections_max = 20'000;            // accept pauses at it
  absl::Duration handshake_timeout = absl::Seconds(10);
  absl::Duration header_timeout = absl::Seconds(32);
  absl::Duration idle_timeout = absl::Seconds(90);
};

struct ServerStats {
  uint64_t connections_open = 0, connections_total = 0, requests_total = 0, handshake_failures_total = 0;
};

class Server {
 public:
  virtual ~Server() = default;
  // Binds and starts accepting on the calling loop. Errors as Net::Listen.
  virtual absl::Status Start() = 0;
  virtual int port() const = 0;
  // GOAWAY to all, no new connections, waits for running requests up to `grace`, then cancels them.
  virtual Task<void> Drain(absl::Duration grace) = 0;
  virtual ServerStats stats() const = 0;
};

// `tls` null serves plain text (tests only). All references outlive the server.
std::unique_ptr<Server> NewServer(Loop& loop, std::shared_ptr<tls::ServerContext> tls, ServerOptions options,
                                  Handler handler);

}  // namespace atoll::http
