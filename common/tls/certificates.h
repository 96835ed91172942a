// Making and checking certificates: the built-in PKI of `atoll start`, and verification for authenticators.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/http/message.h"
#include "common/tls/context.h"

namespace atoll::tls {

struct Subject {
  std::string common_name;
  std::vector<std::string> organizations;
};

struct LeafOptions {
  Subject subject;
  std::vector<std::string> dns_names;
  std::vector<std::string> ip_addresses;
  bool server = false, client = false;
  absl::Duration lifetime = absl::Hours(24 * 365);
};

// ECDSA P-256. Keys are PKCS#8 PEM.
absl::StatusOr<KeyPair> NewCertificateAuthority(std::string_view common_name,
                                                absl::Duration lifetime = absl::Hours(24 * 3650));
absl::StatusOr<KeyPair> IssueCertificate(const KeyPair& ca, const LeafOptions& options);
// RSA key, PKCS#8 PEM, for signing service account tokens.
absl::StatusOr<std::string> NewRsaKey(int bits);

// A set of CA certificates to verify client certificates against (ExtKeyUsage clientAuth). Thread-safe, immutable.
class TrustPool {
 public:
  static absl::StatusOr<std::shared_ptr<const TrustPool>> FromPem(std::string_view pem);
  ~TrustPool();
  // Errors: Unauthenticated, with OpenSSL's reason.
  absl::StatusOr<Subject> VerifyClient(const http::PeerCertificates& chain) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// notAfter of the first certificate in `pem`.
absl::StatusOr<absl::Time> NotAfter(std::string_view pem);

}  // namespace atoll::tls
