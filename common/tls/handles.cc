#include "common/tls/handles.h"

#include <openssl/pem.h>

#include "common/base/strings.h"

namespace atoll::tls {

std::string TakeErrorText(std::string_view fallback) {
  unsigned long code = ERR_get_error();  // NOLINT: OpenSSL's type
  ERR_clear_error();
  if (code == 0) return std::string(fallback);
  const char* reason = ERR_reason_error_string(code);
  return reason != nullptr ? reason : std::string(fallback);
}

absl::StatusOr<std::vector<X509Ptr>> ParseCertificates(std::string_view pem) {
  BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  std::vector<X509Ptr> out;
  while (X509* x = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) out.emplace_back(x);
  const auto last = ERR_peek_last_error();
  const bool at_end = ERR_GET_LIB(last) == ERR_LIB_PEM && ERR_GET_REASON(last) == PEM_R_NO_START_LINE;
  std::string text = TakeErrorText("not PEM");
  if (!at_end) return absl::InvalidArgumentError(StrCat("certificate: ", text));
  if (out.empty()) return absl::InvalidArgumentError("no certificate found in PEM data");
  return out;
}

absl::StatusOr<KeyPtr> ParseKey(std::string_view pem) {
  BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  // No passphrase is asked for: an encrypted key is an error, not a prompt on the terminal.
  auto no_passphrase = [](char*, int, int, void*) { return -1; };
  KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
  if (!key) return absl::InvalidArgumentError(StrCat("private key: ", TakeErrorText("not PEM")));
  return key;
}

std::string ToDer(X509* certificate) {
  int size = i2d_X509(certificate, nullptr);
  if (size <= 0) return {};
  std::string der(static_cast<size_t>(size), '\0');
  auto* out = reinterpret_cast<unsigned char*>(der.data());
  i2d_X509(certificate, &out);
  return der;
}

}  // namespace atoll::tls
