// How to reach the server that the current context points to, and as whom.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "tools/atoll/ws/kubeconfig.h"

namespace atoll::cli {

struct Connection {
  std::string server;       // URL
  std::string server_name;  // for TLS; "" for the URL's host
  std::string ca_pem;       // "": the system's authorities
  bool insecure = false;    // the server's certificate is not verified
  std::string client_certificate_pem, client_key_pem;
  std::string authorization;  // the header's value, "" for none
};

// What flags say in place of the file.
struct ConnectionFlags {
  std::string user, server, server_name, token, certificate_authority;
  bool insecure = false;
};

// The URL alone, which needs no credentials. Errors: InvalidArgument for a context or cluster that is not there.
absl::StatusOr<std::string> ServerOf(const Kubeconfig& kubeconfig, const ConnectionFlags& flags);

// Errors: those of ServerOf, InvalidArgument for what is missing or malformed, FailedPrecondition for exec plugins,
// auth providers and proxies, and those of ReadFile.
absl::StatusOr<Connection> ConnectionOf(const Kubeconfig& kubeconfig, const ConnectionFlags& flags);

// A server URL in its parts. Errors: InvalidArgument.
struct ServerUrl {
  bool tls = true;
  std::string host;
  int port = 443;
  std::string path;       // without a slash at its end
  std::string authority;  // host and port as written: the Host header
};
absl::StatusOr<ServerUrl> ParseServerUrl(std::string_view url);

}  // namespace atoll::cli
