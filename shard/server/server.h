// Server: one shard, put together in one place, in order (server.cc), and taken apart in reverse.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "shard/server/options.h"

namespace atoll::shard {

class Server {
 public:
  // Opens the store, bootstraps it, loads what must be in memory, and listens. When it returns OK, /readyz says ok or
  // is about to, as the controllers' first scan ends. Blocking. Errors are for the operator: they name the flag, file
  // or port.
  static absl::StatusOr<std::unique_ptr<Server>> Start(Options options);
  ~Server();  // Stop(), if it was not called.

  // Drains requests up to `grace`, stops controllers and followers, closes the store. Blocking; idempotent.
  void Stop(absl::Duration grace);

  int port() const;
  int rpc_port() const;  // 0 without gRPC
  const std::string& base_url() const;

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace atoll::shard
