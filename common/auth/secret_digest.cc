#include "common/auth/secret_digest.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

namespace atoll::auth {

SecretDigest SecretDigest::Of(std::string_view secret) {
  SecretDigest out;
  SHA256(reinterpret_cast<const unsigned char*>(secret.data()), secret.size(), out.bytes.data());
  return out;
}

bool SecretDigest::Matches(const SecretDigest& other) const {
  return CRYPTO_memcmp(bytes.data(), other.bytes.data(), bytes.size()) == 0;
}

}  // namespace atoll::auth
