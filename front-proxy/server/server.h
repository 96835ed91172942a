// FrontProxy: the whole front-proxy, in this process. Composition only.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/auth/identity_headers.h"
#include "common/http/client.h"
#include "common/rpc/certificate_files.h"
#include "common/tls/context.h"
#include "front-proxy/index/index_store.h"

namespace atoll::front_proxy {

struct Options {
  std::string root_directory = ".atoll-front-proxy";  // holds the database `index`; "" keeps it in memory (tests)
  std::string bind_address = "0.0.0.0";
  int secure_port = 443;  // 0 picks a free one
  int loops = 1;          // threads that serve
  tls::KeyPair serving;
  std::string serving_cert_file, serving_key_file;  // where `serving` is from; followed when set
  std::string client_ca_pem;                        // of users' certificates
  tls::KeyPair proxy_client;                        // with it the shards let the proxy say who asks
  std::string shard_ca_pem;                         // of the shards' serving certificates
  tls::KeyPair rpc;
  std::string rpc_ca_pem;
  std::optional<rpc::CertificateFiles> rpc_files;  // in place of the two above, and followed
  std::map<std::string, ShardAddress> shards;
  std::string cache_address;  // host:port of the cache-server's gRPC; "" when there is none
  auth::GroupFilter group_filter = auth::DefaultGroupFilter();

  // Errors: InvalidArgument that names the flag.
  absl::Status Validate() const;
};

// Start and Stop block; call them from one thread that runs no loop.
class FrontProxy {
 public:
  // Listening when it returns; ready (/readyz) once a shard's part of the index is known. Errors: of Validate, the
  // database's (directory in use), AlreadyExists (the port is taken).
  static absl::StatusOr<std::unique_ptr<FrontProxy>> Start(Options options);
  ~FrontProxy();  // Stops.
  void Stop();    // Idempotent.
  int port() const;

 private:
  struct Impl;
  explicit FrontProxy(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Runs until SIGINT or SIGTERM; the exit code. What went wrong is logged.
int RunFrontProxy(Options options);

// `https://host[:port][/...]`, IPv6 hosts in brackets. False when it is not like this.
bool ParseShardUrl(std::string_view url, http::Origin* origin);
// `name=baseURL,rpcAddress`. Errors: InvalidArgument.
absl::Status ParseShardFlag(std::string_view flag, std::map<std::string, ShardAddress>* shards);

}  // namespace atoll::front_proxy
