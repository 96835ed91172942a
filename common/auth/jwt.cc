#include "common/auth/jwt.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/escaping.h"
#include "common/auth/authenticator.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/json/parse.h"
#include "common/json/write.h"

namespace atoll::auth {
namespace {

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* p) const {
    Free(p);
  }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using BioPtr = std::unique_ptr<BIO, Deleter<BIO_free>>;
using DigestPtr = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>>;
using X509Ptr = std::unique_ptr<X509, Deleter<X509_free>>;
using SignaturePtr = std::unique_ptr<ECDSA_SIG, Deleter<ECDSA_SIG_free>>;
using NumberPtr = std::unique_ptr<BIGNUM, Deleter<BN_free>>;

constexpr size_t kEs256HalfBytes = 32;
constexpr int kRsaBitsMin = 2048;

// A provider's key that costs more to verify with than this is not worth having.
constexpr int kRsaBitsMax = 8192;
constexpr size_t kRsaExponentBytesMax = 4;

enum class Family : uint8_t { kRsa, kPss, kEc };
struct Algorithm {
  const char* name;
  Family family;
  const EVP_MD* (*digest)();
  const char* curve;  // EC: RFC 7518's name
  const char* group;  // EC: OpenSSL's
  size_t half_bytes;  // EC: of r, of s, of a coordinate
};
constexpr Algorithm kAlgorithms[] = {
    {"RS256", Family::kRsa, &EVP_sha256, "", "", 0},
    {"RS384", Family::kRsa, &EVP_sha384, "", "", 0},
    {"RS512", Family::kRsa, &EVP_sha512, "", "", 0},
    {"PS256", Family::kPss, &EVP_sha256, "", "", 0},
    {"PS384", Family::kPss, &EVP_sha384, "", "", 0},
    {"PS512", Family::kPss, &EVP_sha512, "", "", 0},
    {"ES256", Family::kEc, &EVP_sha256, "P-256", "prime256v1", kEs256HalfBytes},
    {"ES384", Family::kEc, &EVP_sha384, "P-384", "secp384r1", 48},
    {"ES512", Family::kEc, &EVP_sha512, "P-521", "secp521r1", 66},
};
constexpr const Algorithm* kRs256 = &kAlgorithms[0];
constexpr const Algorithm* kEs256 = &kAlgorithms[6];

struct Key {
  KeyPtr key;
  std::vector<const Algorithm*> algorithms;  // that it may be used with; one of ours has one
  std::string id;
};

absl::Status Bad(std::string_view why) { return absl::UnauthenticatedError(ToAbsl(why)); }

std::string Base64Url(std::string_view bytes) {
  std::string out;
  absl::WebSafeBase64Escape(ToAbsl(bytes), &out);
  while (out.ends_with('=')) out.pop_back();
  return out;
}

bool Base64UrlDecode(std::string_view text, std::string* out) {
  // Strict: no padding and no other alphabet, so that one token has one spelling.
  for (char c : text) {
    const bool ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    if (!ok) return false;
  }
  return absl::WebSafeBase64Unescape(ToAbsl(text), out) && Base64Url(*out) == text;
}

absl::StatusOr<Key> Describe(KeyPtr key) {
  Key out;
  if (EVP_PKEY_is_a(key.get(), "RSA")) {
    if (EVP_PKEY_get_bits(key.get()) < kRsaBitsMin)
      return absl::InvalidArgumentError("RSA keys must have at least 2048 bits");
    out.algorithms = {kRs256};
  } else if (EVP_PKEY_is_a(key.get(), "EC") && EVP_PKEY_get_bits(key.get()) == 256) {
    out.algorithms = {kEs256};
  } else {
    return absl::InvalidArgumentError("only RSA and EC P-256 keys sign tokens");
  }
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key.get(), &der);
  if (size <= 0) return absl::InvalidArgumentError("unreadable public key");
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(der, static_cast<size_t>(size), digest);
  OPENSSL_free(der);
  out.id = Base64Url({reinterpret_cast<const char*>(digest), sizeof digest});
  out.key = std::move(key);
  return out;
}

BioPtr MemoryBio(std::string_view pem) { return BioPtr(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))); }

std::string NumberBytes(const EVP_PKEY* key, const char* name, size_t width) {
  BIGNUM* raw = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &raw) != 1) return {};
  NumberPtr number(raw);
  const size_t size = width == 0 ? static_cast<size_t>(BN_num_bytes(raw)) : width;
  std::string out(size, '\0');
  if (BN_bn2binpad(raw, reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(size)) < 0) return {};
  return out;
}

// JWS has r||s in fixed width where OpenSSL has DER.
absl::StatusOr<std::string> DerToFixed(std::string_view der) {
  const auto* p = reinterpret_cast<const unsigned char*>(der.data());
  SignaturePtr signature(d2i_ECDSA_SIG(nullptr, &p, static_cast<long>(der.size())));
  if (!signature) return absl::InternalError("unreadable ECDSA signature");
  std::string out(2 * kEs256HalfBytes, '\0');
  auto* bytes = reinterpret_cast<unsigned char*>(out.data());
  if (BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), bytes, kEs256HalfBytes) < 0 ||
      BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), bytes + kEs256HalfBytes, kEs256HalfBytes) < 0) {
    return absl::InternalError("oversized ECDSA signature");
  }
  return out;
}

bool FixedToDer(std::string_view fixed, size_t half_bytes, std::string* der) {
  if (fixed.size() != 2 * half_bytes) return false;
  const auto* bytes = reinterpret_cast<const unsigned char*>(fixed.data());
  SignaturePtr signature(ECDSA_SIG_new());
  BIGNUM* r = BN_bin2bn(bytes, static_cast<int>(half_bytes), nullptr);
  BIGNUM* s = BN_bin2bn(bytes + half_bytes, static_cast<int>(half_bytes), nullptr);
  ECDSA_SIG_set0(signature.get(), r, s);  // takes both
  unsigned char* out = nullptr;
  const int size = i2d_ECDSA_SIG(signature.get(), &out);
  if (size <= 0) return false;
  der->assign(reinterpret_cast<const char*>(out), static_cast<size_t>(size));
  OPENSSL_free(out);
  return true;
}

bool VerifySignature(const Key& key, const Algorithm& algorithm, std::string_view signed_part,
                     const std::string& signature) {
  std::string der;
  std::string_view bytes = signature;
  if (algorithm.family == Family::kEc) {
    if (!FixedToDer(signature, algorithm.half_bytes, &der)) return false;
    bytes = der;
  }
  DigestPtr digest(EVP_MD_CTX_new());
  EVP_PKEY_CTX* context = nullptr;  // the digest's
  if (EVP_DigestVerifyInit(digest.get(), &context, algorithm.digest(), nullptr, key.key.get()) != 1) return false;
  if (algorithm.family == Family::kPss && (EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) != 1 ||
                                           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) != 1)) {
    return false;
  }
  return EVP_DigestVerify(digest.get(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                          reinterpret_cast<const unsigned char*>(signed_part.data()), signed_part.size()) == 1;
}

using ParamsPtr = std::unique_ptr<OSSL_PARAM, Deleter<OSSL_PARAM_free>>;
using BuilderPtr = std::unique_ptr<OSSL_PARAM_BLD, Deleter<OSSL_PARAM_BLD_free>>;
using ContextPtr = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;

KeyPtr FromParams(const char* type, OSSL_PARAM_BLD* builder) {
  ParamsPtr params(OSSL_PARAM_BLD_to_param(builder));
  ContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
    return nullptr;
  }
  return KeyPtr(key);
}

// Null for numbers that make no key, or one beyond the bounds.
KeyPtr RsaKey(const std::string& n, const std::string& e) {
  if (n.empty() || e.empty() || e.size() > kRsaExponentBytesMax || n.size() > kRsaBitsMax / 8 + 1) return nullptr;
  NumberPtr modulus(BN_bin2bn(reinterpret_cast<const unsigned char*>(n.data()), static_cast<int>(n.size()), nullptr));
  NumberPtr exponent(BN_bin2bn(reinterpret_cast<const unsigned char*>(e.data()), static_cast<int>(e.size()), nullptr));
  const int bits = BN_num_bits(modulus.get());
  if (bits < kRsaBitsMin || bits > kRsaBitsMax || BN_is_odd(modulus.get()) == 0 || BN_is_odd(exponent.get()) == 0 ||
      BN_is_one(exponent.get()) != 0) {
    return nullptr;
  }
  BuilderPtr builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get());
  return FromParams("RSA", builder.get());
}

KeyPtr EcKey(const Algorithm& algorithm, const std::string& x, const std::string& y) {
  if (x.size() != algorithm.half_bytes || y.size() != algorithm.half_bytes) return nullptr;
  const std::string point = Cat("\x04", x, y);  // uncompressed (SEC 1 section 2.3.3)
  BuilderPtr builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, algorithm.group, 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
  KeyPtr key = FromParams("EC", builder.get());
  ContextPtr check(key == nullptr ? nullptr : EVP_PKEY_CTX_new(key.get(), nullptr));
  return check != nullptr && EVP_PKEY_public_check(check.get()) == 1 ? std::move(key) : nullptr;
}

struct Parts {
  std::string_view signed_part, header, claims, signature;
};

bool Split(std::string_view token, Parts* out) {
  const size_t first = token.find('.');
  if (first == std::string_view::npos) return false;
  const size_t second = token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) return false;
  *out = {token.substr(0, second), token.substr(0, first), token.substr(first + 1, second - first - 1),
          token.substr(second + 1)};
  return true;
}

absl::StatusOr<json::Value> DecodeObject(std::string_view part) {
  std::string text;
  if (!Base64UrlDecode(part, &text)) return Bad("malformed token");
  std::vector<std::string> duplicates;
  auto value = json::Parse(text, {.depth_max = 32, .duplicates = &duplicates});
  if (!value.ok() || !value->is_object() || !duplicates.empty()) return Bad("malformed token");
  return value;
}

}  // namespace

struct JwtSigner::Impl {
  Key key;
  std::string header;  // base64url
};

JwtSigner::JwtSigner(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
JwtSigner::~JwtSigner() = default;

absl::StatusOr<std::unique_ptr<JwtSigner>> JwtSigner::FromPem(std::string_view private_key_pem) {
  BioPtr bio = MemoryBio(private_key_pem);
  KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  if (!key) return absl::InvalidArgumentError("no private key found in PEM");
  auto impl = std::make_unique<Impl>();
  ASSIGN_OR_RETURN(impl->key, Describe(std::move(key)));
  impl->header =
      Base64Url(Cat(R"({"alg":")", impl->key.algorithms.front()->name, R"(","kid":")", impl->key.id, R"("})"));
  return std::unique_ptr<JwtSigner>(new JwtSigner(std::move(impl)));
}

const std::string& JwtSigner::key_id() const { return impl_->key.id; }

absl::StatusOr<std::string> JwtSigner::Sign(const json::Value& claims) const {
  std::string out = Cat(impl_->header, ".", Base64Url(json::Write(claims)));
  DigestPtr digest(EVP_MD_CTX_new());
  const auto* data = reinterpret_cast<const unsigned char*>(out.data());
  size_t size = 0;
  if (EVP_DigestSignInit(digest.get(), nullptr, EVP_sha256(), nullptr, impl_->key.key.get()) != 1 ||
      EVP_DigestSign(digest.get(), nullptr, &size, data, out.size()) != 1) {
    return absl::InternalError("cannot sign a token");
  }
  std::string signature(size, '\0');
  if (EVP_DigestSign(digest.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, data, out.size()) != 1) {
    return absl::InternalError("cannot sign a token");
  }
  signature.resize(size);
  if (impl_->key.algorithms.front() == kEs256) {
    ASSIGN_OR_RETURN(signature, DerToFixed(signature));
  }
  absl::StrAppend(&out, ".", Base64Url(signature));
  return out;
}

std::string JwtSigner::PublicKeyPem() const {
  BioPtr bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PUBKEY(bio.get(), impl_->key.key.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<size_t>(size));
}

struct JwtVerifier::Impl {
  std::vector<Key> keys;
};

JwtVerifier::JwtVerifier(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
JwtVerifier::~JwtVerifier() = default;

absl::StatusOr<std::unique_ptr<JwtVerifier>> JwtVerifier::FromPems(const std::vector<std::string>& pems) {
  auto impl = std::make_unique<Impl>();
  for (const std::string& pem : pems) {
    size_t found = 0;
    BioPtr bio = MemoryBio(pem);
    for (;;) {
      char *name = nullptr, *header = nullptr;
      unsigned char* data = nullptr;
      long size = 0;
      if (PEM_read_bio(bio.get(), &name, &header, &data, &size) != 1) break;
      const std::string_view kind(name);
      const unsigned char* p = data;
      KeyPtr key;
      if (kind == "PUBLIC KEY") {
        key.reset(d2i_PUBKEY(nullptr, &p, size));
      } else if (kind.ends_with("PRIVATE KEY")) {
        key.reset(d2i_AutoPrivateKey(nullptr, &p, size));
      } else if (kind == "CERTIFICATE") {
        if (X509Ptr certificate(d2i_X509(nullptr, &p, size)); certificate)
          key.reset(X509_get_pubkey(certificate.get()));
      }
      const bool skip = kind == "EC PARAMETERS";
      OPENSSL_free(name);
      OPENSSL_free(header);
      OPENSSL_free(data);
      if (skip) continue;
      if (!key) return absl::InvalidArgumentError("unreadable key in PEM");
      ASSIGN_OR_RETURN(Key described, Describe(std::move(key)));
      impl->keys.push_back(std::move(described));
      ++found;
    }
    if (found == 0) return absl::InvalidArgumentError("no key found in PEM");
  }
  return std::unique_ptr<JwtVerifier>(new JwtVerifier(std::move(impl)));
}

absl::StatusOr<json::Value> JwtVerifier::Verify(std::string_view token) const {
  if (token.size() > kTokenBytesMax) return Bad("token too long");
  Parts parts;
  if (!Split(token, &parts)) return Bad("malformed token");
  ASSIGN_OR_RETURN(json::Value header, DecodeObject(parts.header));
  if (header.Find("crit") != nullptr) return Bad("token demands unknown extensions");  // RFC 7515 section 4.1.11
  std::string signature;
  if (!Base64UrlDecode(parts.signature, &signature) || signature.empty()) return Bad("malformed token");
  const std::string_view algorithm = header.StringAt({"alg"});
  const std::string_view id = header.StringAt({"kid"});
  for (const Key& key : impl_->keys) {
    if (!id.empty() && id != key.id) continue;
    for (const Algorithm* usable : key.algorithms) {
      if (algorithm != usable->name) continue;
      if (VerifySignature(key, *usable, parts.signed_part, signature)) return DecodeObject(parts.claims);
    }
  }
  return Bad("token signed by no known key");
}

bool JwtVerifier::HasKeyOf(std::string_view token) const {
  Parts parts;
  if (token.size() > kTokenBytesMax || !Split(token, &parts)) return true;  // no key would help
  auto header = DecodeObject(parts.header);
  if (!header.ok()) return true;
  const std::string_view id = header->StringAt({"kid"});
  return std::any_of(impl_->keys.begin(), impl_->keys.end(), [&](const Key& k) { return id.empty() || k.id == id; });
}

size_t JwtVerifier::size() const { return impl_->keys.size(); }

absl::StatusOr<std::unique_ptr<JwtVerifier>> JwtVerifier::FromJwks(const json::Value& jwks,
                                                                   const std::vector<std::string>& algorithms) {
  const json::Value* list = jwks.Find("keys");
  if (list == nullptr || !list->is_array()) return absl::InvalidArgumentError("not a key set: keys is no list");
  if (list->array().size() > kKeysMax) return absl::InvalidArgumentError("the key set has too many keys");
  auto impl = std::make_unique<Impl>();
  for (const json::Value& entry : list->array()) {
    const std::string_view type = entry.StringAt({"kty"}), use = entry.StringAt({"use"}),
                           only = entry.StringAt({"alg"});
    if (!use.empty() && use != "sig") continue;
    Key key;
    key.id = std::string(entry.StringAt({"kid"}));
    for (const Algorithm& a : kAlgorithms) {
      const bool fits = a.family == Family::kEc ? type == "EC" && entry.StringAt({"crv"}) == a.curve : type == "RSA";
      const bool allowed =
          algorithms.empty() || std::find(algorithms.begin(), algorithms.end(), a.name) != algorithms.end();
      if (fits && allowed && (only.empty() || only == a.name)) key.algorithms.push_back(&a);
    }
    if (key.algorithms.empty()) continue;
    auto number = [&entry](std::string_view name) {
      std::string bytes;
      return Base64UrlDecode(entry.StringAt({name}), &bytes) ? bytes : std::string();
    };
    key.key =
        type == "RSA" ? RsaKey(number("n"), number("e")) : EcKey(*key.algorithms.front(), number("x"), number("y"));
    if (key.key != nullptr) impl->keys.push_back(std::move(key));
  }
  return std::unique_ptr<JwtVerifier>(new JwtVerifier(std::move(impl)));
}

bool IsJwtAlgorithm(std::string_view name) {
  return std::any_of(std::begin(kAlgorithms), std::end(kAlgorithms),
                     [&](const Algorithm& a) { return name == a.name; });
}

json::Value JwtVerifier::Jwks() const {
  json::Array keys;
  for (const Key& key : impl_->keys) {
    json::Object out;
    out.Append("use", "sig");
    const bool rsa = key.algorithms.front()->family != Family::kEc;
    out.Append("kty", rsa ? "RSA" : "EC");
    out.Append("kid", key.id);
    if (!rsa) out.Append("crv", key.algorithms.front()->curve);
    out.Append("alg", key.algorithms.front()->name);
    if (rsa) {
      out.Append("n", Base64Url(NumberBytes(key.key.get(), OSSL_PKEY_PARAM_RSA_N, 0)));
      out.Append("e", Base64Url(NumberBytes(key.key.get(), OSSL_PKEY_PARAM_RSA_E, 0)));
    } else {
      out.Append("x",
                 Base64Url(NumberBytes(key.key.get(), OSSL_PKEY_PARAM_EC_PUB_X, key.algorithms.front()->half_bytes)));
      out.Append("y",
                 Base64Url(NumberBytes(key.key.get(), OSSL_PKEY_PARAM_EC_PUB_Y, key.algorithms.front()->half_bytes)));
    }
    keys.emplace_back(std::move(out));
  }
  json::Object out;
  out.Append("keys", json::Value(std::move(keys)));
  return json::Value(std::move(out));
}

std::vector<std::string> TokenAudiences(const json::Value& claims) {
  std::vector<std::string> out;
  const json::Value* audience = claims.Find("aud");
  if (audience == nullptr) return out;
  if (audience->is_string()) out.push_back(audience->string());
  if (!audience->is_array()) return out;
  for (const json::Value& one : audience->array()) {
    if (one.is_string()) out.push_back(one.string());
  }
  return out;
}

absl::StatusOr<json::Value> PeekClaims(std::string_view token) {
  Parts parts;
  if (token.size() > kTokenBytesMax || !Split(token, &parts)) return absl::InvalidArgumentError("not a JWT");
  auto claims = DecodeObject(parts.claims);
  if (!claims.ok()) return absl::InvalidArgumentError("not a JWT");
  return claims;
}

}  // namespace atoll::auth
