// Reading PKCS #10 certificate requests and the certificates that answer them (RFC 2986, RFC 7468). Input is a
// client's.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "common/tls/certificates.h"

namespace atoll::tls {

// Who the request asks a certificate for. Its signature is not checked: who signs does. Errors: InvalidArgument, in
// words for a client.
absl::StatusOr<Subject> ReadCertificateRequest(std::string_view pem);

// OK when `pem` is one certificate or more and nothing else in PEM. Errors: InvalidArgument, in words for a client.
absl::Status CheckIssuedCertificate(std::string_view pem);

}  // namespace atoll::tls
