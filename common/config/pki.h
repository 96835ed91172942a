// The built-in PKI of `atoll start`: authorities and certificates below the root directory, made once, reused
// afterwards, renewed when little of their life is left. Keys are 0600.
//
//   serving-ca     signs what servers show (apiserver); its certificate is the kubeconfigs' certificate-authority-data
//   client-ca      signs client certificates that servers trust (kcp-admin, shard-admin, ...)
//   requestheader-ca  signs the front-proxy's certificate: whoever holds it may state identities
//   rpc-ca         signs both ends of gRPC between processes
//   sa.key         signs service account tokens
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/tls/certificates.h"

namespace atoll::config {

class Pki {
 public:
  // `directory` exists. Existing files win; what is missing is made.
  explicit Pki(std::string directory) : directory_(std::move(directory)) {}

  absl::StatusOr<tls::KeyPair> Authority(std::string_view name) const;
  // `<file>.crt` and `<file>.key`, signed by `authority`. Made anew when less than a tenth of its life is left or its
  // names do not fit.
  absl::StatusOr<tls::KeyPair> Certificate(std::string_view authority, std::string_view file,
                                           const tls::LeafOptions& options) const;
  // A certificate that is not kept in files.
  absl::StatusOr<tls::KeyPair> Issue(std::string_view authority, const tls::LeafOptions& options) const;
  absl::StatusOr<std::string> ServiceAccountKey() const;

  const std::string& directory() const { return directory_; }

 private:
  const std::string directory_;
};

// The names a server certificate carries: localhost, 127.0.0.1, ::1 and `host`.
tls::LeafOptions ServerNames(std::string_view common_name, std::string_view host);
// A client certificate's subject.
tls::LeafOptions ClientSubject(std::string_view common_name, std::vector<std::string> organizations);

}  // namespace atoll::config
