// Owning pointers for OpenSSL's objects, and its error queue as text. For .cc files of this folder only.
#pragma once

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace atoll::tls {

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* p) const {
    Free(p);
  }
};
inline void FreeX509Stack(STACK_OF(X509) * s) { sk_X509_pop_free(s, X509_free); }

using BioPtr = std::unique_ptr<BIO, Freer<BIO_free_all>>;
using BioMethodPtr = std::unique_ptr<BIO_METHOD, Freer<BIO_meth_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using X509Ptr = std::unique_ptr<X509, Freer<X509_free>>;
using X509StackPtr = std::unique_ptr<STACK_OF(X509), Freer<FreeX509Stack>>;
using StorePtr = std::unique_ptr<X509_STORE, Freer<X509_STORE_free>>;
using StoreContextPtr = std::unique_ptr<X509_STORE_CTX, Freer<X509_STORE_CTX_free>>;
using SslPtr = std::unique_ptr<SSL, Freer<SSL_free>>;
using SslContextPtr = std::unique_ptr<SSL_CTX, Freer<SSL_CTX_free>>;

// The oldest reason in this thread's error queue, which is emptied; `fallback` when there is none.
std::string TakeErrorText(std::string_view fallback);

// The certificates in `pem`, in order. Errors: InvalidArgument (none, or one that does not parse).
absl::StatusOr<std::vector<X509Ptr>> ParseCertificates(std::string_view pem);
absl::StatusOr<KeyPtr> ParseKey(std::string_view pem);
// DER; empty on failure.
std::string ToDer(X509* certificate);

}  // namespace atoll::tls
