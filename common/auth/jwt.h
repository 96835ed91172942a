// JWT: signing and checking compact JWS tokens (RFC 7515, 7519) with RS256 and ES256. For service account tokens.
//
// The algorithm comes from the key, never from the token: a token whose header names another one ("none", "HS256") is
// refused before any cryptography. A key's id (`kid`) is the unpadded base64url SHA-256 of its public key in DER, as
// Kubernetes derives it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/json/value.h"

namespace atoll::auth {

// Immutable, thread-safe.
class JwtSigner {
 public:
  // A PEM private key: RSA of at least 2048 bits, or EC P-256.
  static absl::StatusOr<std::unique_ptr<JwtSigner>> FromPem(std::string_view private_key_pem);
  ~JwtSigner();
  absl::StatusOr<std::string> Sign(const json::Value& claims) const;
  const std::string& key_id() const;
  // The public key in PEM, to verify with.
  std::string PublicKeyPem() const;

 private:
  struct Impl;
  explicit JwtSigner(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// A set of public keys. Immutable, thread-safe.
class JwtVerifier {
 public:
  // Each PEM may hold public keys, private keys (their public half is used) and certificates, any number of them.
  static absl::StatusOr<std::unique_ptr<JwtVerifier>> FromPems(const std::vector<std::string>& pems);
  ~JwtVerifier();
  // The claims of a token signed by one of the keys. Checks the signature and nothing else: times, issuer and audience
  // are the caller's. Errors: Unauthenticated.
  absl::StatusOr<json::Value> Verify(std::string_view token) const;
  // {"keys":[...]}: what /openid/v1/jwks answers (RFC 7517).
  json::Value Jwks() const;

 private:
  struct Impl;
  explicit JwtVerifier(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// `aud`, which is a string or a list of strings (RFC 7519 section 4.1.3).
std::vector<std::string> TokenAudiences(const json::Value& claims);

// The claims of a token, unverified: for routing only. InvalidArgument when it is no JWT.
absl::StatusOr<json::Value> PeekClaims(std::string_view token);

}  // namespace atoll::auth
