// ClientConfig: how to reach a server, from a kubeconfig that an operator wrote (`--audit-webhook-config-file` and its
// like): the current context's cluster and user. Files it names are read relative to it.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace atoll::tls {
class ClientContext;
}

namespace atoll::config {

struct ClientConfig {
  std::string host;
  int port = 443;
  std::string path;         // begins with '/'
  std::string server_name;  // of the certificate; the host when empty
  std::string token;        // Authorization: Bearer
  std::shared_ptr<tls::ClientContext> tls;
};

// Blocks. Errors: those of ReadFile; InvalidArgument that names the member. Plain http is refused, and so are members
// that run programs (exec, auth-provider).
absl::StatusOr<ClientConfig> ReadClientConfig(const std::string& file);

// `https://host[:port][/path]`, IPv6 hosts in brackets; without user information, query and fragment. Errors:
// InvalidArgument that says which.
struct HttpsUrl {
  std::string host;
  int port = 443;
  std::string path;  // "" or begins with '/'
};
absl::StatusOr<HttpsUrl> ParseHttpsUrl(std::string_view url);

}  // namespace atoll::config
