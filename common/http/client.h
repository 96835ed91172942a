// HTTPS client with pooled HTTP/2 connections (HTTP/1.1 where the peer speaks no h2), one pool a loop.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/http/message.h"
#include "common/loop/loop.h"

namespace atoll::tls {
class ClientContext;
}

namespace atoll::http {

struct Origin {
  std::string host;
  int port = 443;
  std::string server_name;                  // SNI and certificate name; host when empty
  std::shared_ptr<tls::ClientContext> tls;  // null: plain text (tests only)
};

struct ClientRequest {
  std::string method = "GET";
  std::string target = "/";
  Headers headers;
  std::string body;  // sent when `body_stream` is null
  // Extended CONNECT (RFC 8441) to a peer known to speak it: `method` does not count, body_stream is what this side
  // says, the response's body what the other does. HTTP/2 only; else Unimplemented.
  std::string upgrade;
  std::unique_ptr<Body> body_stream;                  // copied through as it arrives, one window at a time
  absl::Duration header_timeout = absl::Seconds(30);  // to the response's headers; InfiniteDuration allowed
};

struct ClientResponse {
  int status = 0;
  Headers headers;
  std::unique_ptr<Body> body;  // dropping it resets the stream
};

struct ClientOptions {
  int connections_max_per_origin = 4;      // opened as streams run out; beyond it requests wait
  size_t waiting_max_per_origin = 10'000;  // beyond it ResourceExhausted
  absl::Duration connect_timeout = absl::Seconds(5);
  absl::Duration idle_timeout = absl::Seconds(60);
  absl::Duration ping_interval = absl::Seconds(30);  // a connection that answers no ping is dropped
};

class Client {
 public:
  virtual ~Client() = default;
  // Errors: Unavailable (cannot connect, connection lost before an answer; `request was not sent` in the message when
  // it is safe to repeat), DeadlineExceeded, ResourceExhausted, Cancelled.
  virtual Task<absl::StatusOr<ClientResponse>> Do(Origin origin, ClientRequest request) = 0;
  virtual void Close() = 0;
};

std::unique_ptr<Client> NewClient(Loop& loop, ClientOptions options = {});

}  // namespace atoll::http
