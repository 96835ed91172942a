// PEM and ASN.1 that clients send in certificate requests.
#include <cstddef>
#include <cstdint>

#include "common/tls/certificate_request.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)atoll::tls::ReadCertificateRequest(text);
  (void)atoll::tls::CheckIssuedCertificate(text);
  return 0;
}
