// JWT: signing and checking compact JWS tokens (RFC 7515, 7518, 7519): our own, for service accounts, with RS256 and
// ES256; and those of OpenID providers with RS, PS and ES of 256, 384 and 512 bits.
//
// What a key may be used for comes from the key, never from the token: a token whose header names anything else
// ("none", "HS256", an algorithm of another kind of key) is refused before any cryptography. The id (`kid`) of a key of
// ours is the unpadded base64url SHA-256 of its public key in DER, as Kubernetes derives it.
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
  // A provider's key set (RFC 7517). Of each key only those of `algorithms` count that fit it (and are its `alg`, when
  // it has one); empty allows all nine. Keys that sign nothing here are left out. Errors: InvalidArgument for what is
  // no key set, or has more than kKeysMax keys.
  static absl::StatusOr<std::unique_ptr<JwtVerifier>> FromJwks(const json::Value& jwks,
                                                               const std::vector<std::string>& algorithms);
  static constexpr size_t kKeysMax = 64;
  ~JwtVerifier();
  // The claims of a token signed by one of the keys. Checks the signature and nothing else: times, issuer and audience
  // are the caller's. Errors: Unauthenticated.
  absl::StatusOr<json::Value> Verify(std::string_view token) const;
  // Whether one of the keys is the one that the token names. A token that names none names them all.
  bool HasKeyOf(std::string_view token) const;
  size_t size() const;
  // {"keys":[...]}: what /openid/v1/jwks answers (RFC 7517).
  json::Value Jwks() const;

 private:
  struct Impl;
  explicit JwtVerifier(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// `aud`, which is a string or a list of strings (RFC 7519 section 4.1.3).
std::vector<std::string> TokenAudiences(const json::Value& claims);

// Whether a provider may sign with it: RS256, ..., PS512.
bool IsJwtAlgorithm(std::string_view name);

// The claims of a token, unverified: for routing only. InvalidArgument when it is no JWT.
absl::StatusOr<json::Value> PeekClaims(std::string_view token);

}  // namespace atoll::auth
