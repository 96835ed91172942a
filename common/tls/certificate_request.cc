#include "common/tls/certificate_request.h"

#include <openssl/pem.h>

#include <climits>
#include <optional>
#include <string>

#include "common/base/strings.h"
#include "common/tls/handles.h"

namespace atoll::tls {
namespace {

using RequestPtr = std::unique_ptr<X509_REQ, Freer<X509_REQ_free>>;

struct Block {
  std::string type, headers, der;
};

// The next PEM block of what is left; nullopt at the end.
std::optional<Block> NextBlock(BIO* bio) {
  char *name = nullptr, *header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;  // NOLINT: OpenSSL's type
  if (PEM_read_bio(bio, &name, &header, &data, &size) != 1) {
    ERR_clear_error();
    return std::nullopt;
  }
  Block out{name, header, std::string(reinterpret_cast<char*>(data), static_cast<size_t>(size))};
  OPENSSL_free(name);
  OPENSSL_free(header);
  OPENSSL_free(data);
  return out;
}

BioPtr Open(std::string_view pem) {
  return BioPtr(pem.size() > INT_MAX ? nullptr : BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

std::string Utf8(const ASN1_STRING* text) {
  unsigned char* bytes = nullptr;
  const int size = ASN1_STRING_to_UTF8(&bytes, text);
  if (size < 0) return "";
  std::string out(reinterpret_cast<char*>(bytes), static_cast<size_t>(size));
  OPENSSL_free(bytes);
  return out;
}

}  // namespace

absl::StatusOr<Subject> ReadCertificateRequest(std::string_view pem) {
  BioPtr bio = Open(pem);
  std::optional<Block> block = bio == nullptr ? std::nullopt : NextBlock(bio.get());
  if (!block.has_value() || block->type != PEM_STRING_X509_REQ)
    return absl::InvalidArgumentError("PEM block type must be CERTIFICATE REQUEST");
  const auto* der = reinterpret_cast<const unsigned char*>(block->der.data());
  const auto* const end = der + block->der.size();
  RequestPtr request(d2i_X509_REQ(nullptr, &der, static_cast<long>(block->der.size())));  // NOLINT: OpenSSL's type
  if (request == nullptr || der != end) {
    ERR_clear_error();
    return absl::InvalidArgumentError("the PEM block holds no certificate request");
  }
  Subject out;
  const X509_NAME* name = X509_REQ_get_subject_name(request.get());
  for (int i = 0; i < X509_NAME_entry_count(name); ++i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, i);
    const int kind = OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry));
    std::string value = Utf8(X509_NAME_ENTRY_get_data(entry));
    if (kind == NID_commonName) {
      out.common_name = std::move(value);
    } else if (kind == NID_organizationName) {
      out.organizations.push_back(std::move(value));
    }
  }
  ERR_clear_error();
  return out;
}

absl::Status CheckIssuedCertificate(std::string_view pem) {
  BioPtr bio = Open(pem);
  size_t found = 0;
  while (std::optional<Block> block = bio == nullptr ? std::nullopt : NextBlock(bio.get())) {
    if (block->type != PEM_STRING_X509)
      return absl::InvalidArgumentError(StrCat("only CERTIFICATE PEM blocks are allowed, found \"", block->type, "\""));
    if (!block->headers.empty()) return absl::InvalidArgumentError("no PEM block headers are permitted");
    const auto* der = reinterpret_cast<const unsigned char*>(block->der.data());
    X509Ptr certificate(d2i_X509(nullptr, &der, static_cast<long>(block->der.size())));  // NOLINT: OpenSSL's type
    if (certificate == nullptr) {
      ERR_clear_error();
      return absl::InvalidArgumentError("a PEM block holds no certificate");
    }
    ++found;
  }
  if (found == 0) return absl::InvalidArgumentError("must contain at least one CERTIFICATE PEM block");
  return absl::OkStatus();
}

}  // namespace atoll::tls
