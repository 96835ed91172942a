// CacheServer: the whole cache-server, in this process. Composition only.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/rpc/certificate_files.h"
#include "common/tls/context.h"

namespace atoll::cache_server {

struct Options {
  std::string root_directory = ".atoll-cache";  // holds the database `cache`; "" keeps everything in memory (tests)
  std::string bind_address = "127.0.0.1";       // of both servers
  int secure_port = 6446;                       // HTTPS: health and metrics; 0 picks a free one
  tls::KeyPair serving;
  int rpc_port = 6447;  // gRPC; 0 picks a free one
  tls::KeyPair rpc;
  std::string rpc_ca_pem;                          // of the shards and front-proxies
  std::optional<rpc::CertificateFiles> rpc_files;  // in place of the two above, and followed

  // Errors: InvalidArgument that names the flag.
  absl::Status Validate() const;
};

// Start and Stop block; call them from one thread that runs no loop.
class CacheServer {
 public:
  // Serving when it returns. Errors: of Validate, the store's (directory in use), AlreadyExists (a port is taken).
  static absl::StatusOr<std::unique_ptr<CacheServer>> Start(Options options);
  ~CacheServer();  // Stops.
  void Stop();     // Idempotent.
  int secure_port() const;
  int rpc_port() const;

 private:
  struct Impl;
  explicit CacheServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Runs until SIGINT or SIGTERM; the exit code. What went wrong is logged.
int RunCacheServer(Options options);

}  // namespace atoll::cache_server
