// Keys for tests, made once a process. Never used by a server.
#pragma once

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <string>

namespace atoll::auth::testing {

inline std::string KeyPem(EVP_PKEY* key) {
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string out(data, static_cast<size_t>(size));
  BIO_free(bio);
  EVP_PKEY_free(key);
  return out;
}

inline const std::string& RsaKey() {
  static const auto* pem = new std::string(KeyPem(EVP_RSA_gen(2048)));
  return *pem;
}
inline const std::string& OtherRsaKey() {
  static const auto* pem = new std::string(KeyPem(EVP_RSA_gen(2048)));
  return *pem;
}
inline const std::string& ShortRsaKey() {
  static const auto* pem = new std::string(KeyPem(EVP_RSA_gen(1024)));
  return *pem;
}
inline const std::string& EcKey() {
  static const auto* pem = new std::string(KeyPem(EVP_EC_gen("P-256")));
  return *pem;
}

}  // namespace atoll::auth::testing
