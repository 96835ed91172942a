// A gRPC server with mutual TLS: a caller without a certificate of the given CA does not get past the handshake.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/rpc/certificate_files.h"
#include "common/tls/context.h"

namespace grpc {
class Service;
class ServerContextBase;
}  // namespace grpc

namespace atoll::rpc {

struct ServerOptions {
  std::string host = "127.0.0.1";
  int port = 0;  // 0 picks a free one
  tls::KeyPair pair;
  std::string client_ca_pem;
  std::optional<CertificateFiles> files;  // in place of the two above, and followed
  size_t message_bytes_max = 16 << 20;
};

// Owned by the process; lives longer than its calls and shorter than its services and the loops they run on.
class Server {
 public:
  // Errors: AlreadyExists (port in use), InvalidArgument (certificates).
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerOptions& options,
                                                       const std::vector<grpc::Service*>& services);
  ~Server();  // Stop(0).

  int port() const;
  // Refuses new calls, gives those that run `grace` to end, then cancels them; returns when all have ended. Idempotent.
  // Not from a loop that a call needs to end.
  void Stop(absl::Duration grace);

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// The common name of the caller's certificate; "" when there is none.
std::string PeerCommonName(const grpc::ServerContextBase& context);

}  // namespace atoll::rpc
