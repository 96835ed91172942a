// An OpenID provider for tests: keys of every kind, tokens signed with them, and its two documents over HTTPS. Never
// used by a server.
#pragma once

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <memory>
#include <string>

#include "common/base/check.h"
#include "common/base/encoding.h"
#include "common/base/strings.h"
#include "common/http/server.h"
#include "common/json/value.h"
#include "common/json/write.h"
#include "common/tls/certificates.h"
#include "common/tls/context.h"

namespace atoll::auth::testing {

inline std::string Url64(std::string_view bytes) { return Base64Encode(bytes, Base64::kUrlRaw); }

// A key pair that signs with one algorithm.
class ProviderKey {
 public:
  ProviderKey(std::string algorithm, std::string id) : algorithm_(std::move(algorithm)), id_(std::move(id)) {
    if (algorithm_.starts_with("ES")) {
      key_ = EVP_EC_gen(algorithm_ == "ES256" ? "P-256" : algorithm_ == "ES384" ? "P-384" : "P-521");
    } else {
      key_ = EVP_RSA_gen(2048);
    }
  }
  ~ProviderKey() { EVP_PKEY_free(key_); }
  ProviderKey(const ProviderKey&) = delete;
  ProviderKey& operator=(const ProviderKey&) = delete;

  json::Value Jwk() const {
    json::Value out = json::Value::MakeObject();
    out.Ensure({"kid"}) = id_;
    out.Ensure({"use"}) = "sig";
    if (algorithm_.starts_with("ES")) {
      out.Ensure({"kty"}) = "EC";
      out.Ensure({"crv"}) = algorithm_ == "ES256" ? "P-256" : algorithm_ == "ES384" ? "P-384" : "P-521";
      out.Ensure({"x"}) = Url64(Number(OSSL_PKEY_PARAM_EC_PUB_X, Half()));
      out.Ensure({"y"}) = Url64(Number(OSSL_PKEY_PARAM_EC_PUB_Y, Half()));
    } else {
      out.Ensure({"kty"}) = "RSA";
      out.Ensure({"n"}) = Url64(Number(OSSL_PKEY_PARAM_RSA_N, 0));
      out.Ensure({"e"}) = Url64(Number(OSSL_PKEY_PARAM_RSA_E, 0));
    }
    return out;
  }

  // `header_algorithm` lies about the algorithm when it is set.
  std::string Sign(const json::Value& claims, std::string header_algorithm = "") const {
    json::Value header = json::Value::MakeObject();
    header.Ensure({"alg"}) = header_algorithm.empty() ? algorithm_ : header_algorithm;
    header.Ensure({"kid"}) = id_;
    const std::string text = StrCat(Url64(json::Write(header)), ".", Url64(json::Write(claims)));
    const EVP_MD* digest = algorithm_.ends_with("256")   ? EVP_sha256()
                           : algorithm_.ends_with("384") ? EVP_sha384()
                                                         : EVP_sha512();
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    EVP_PKEY_CTX* pkey = nullptr;
    CHECK(EVP_DigestSignInit(context, &pkey, digest, nullptr, key_) == 1);
    if (algorithm_.starts_with("PS")) {
      EVP_PKEY_CTX_set_rsa_padding(pkey, RSA_PKCS1_PSS_PADDING);
      EVP_PKEY_CTX_set_rsa_pss_saltlen(pkey, RSA_PSS_SALTLEN_DIGEST);
    }
    size_t size = 0;
    const auto* data = reinterpret_cast<const unsigned char*>(text.data());
    CHECK(EVP_DigestSign(context, nullptr, &size, data, text.size()) == 1);
    std::string signature(size, '\0');
    CHECK(EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size, data, text.size()) == 1);
    signature.resize(size);
    EVP_MD_CTX_free(context);
    if (algorithm_.starts_with("ES")) signature = Fixed(signature);
    return StrCat(text, ".", Url64(signature));
  }

 private:
  size_t Half() const { return algorithm_ == "ES256" ? 32 : algorithm_ == "ES384" ? 48 : 66; }

  std::string Number(const char* name, size_t width) const {
    BIGNUM* number = nullptr;
    CHECK(EVP_PKEY_get_bn_param(key_, name, &number) == 1);
    std::string out(width == 0 ? static_cast<size_t>(BN_num_bytes(number)) : width, '\0');
    BN_bn2binpad(number, reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(out.size()));
    BN_free(number);
    return out;
  }

  std::string Fixed(const std::string& der) const {
    const auto* p = reinterpret_cast<const unsigned char*>(der.data());
    ECDSA_SIG* signature = d2i_ECDSA_SIG(nullptr, &p, static_cast<long>(der.size()));
    std::string out(2 * Half(), '\0');
    auto* bytes = reinterpret_cast<unsigned char*>(out.data());
    BN_bn2binpad(ECDSA_SIG_get0_r(signature), bytes, static_cast<int>(Half()));
    BN_bn2binpad(ECDSA_SIG_get0_s(signature), bytes + Half(), static_cast<int>(Half()));
    ECDSA_SIG_free(signature);
    return out;
  }

  const std::string algorithm_, id_;
  EVP_PKEY* key_;
};

// Serves what it is told to, on the loop that starts it.
class Provider {
 public:
  Provider() {
    auto ca = tls::NewCertificateAuthority("provider");
    CHECK_OK(ca);
    ca_pem = ca->certificate_pem;
    tls::LeafOptions leaf;
    leaf.subject.common_name = "provider";
    leaf.ip_addresses = {"127.0.0.1"};
    leaf.server = true;
    auto pair = tls::IssueCertificate(*ca, leaf);
    CHECK_OK(pair);
    auto context = tls::ServerContext::Create(*pair);
    CHECK_OK(context);
    context_ = *context;
  }

  void Start() {
    server_ = http::NewServer(*Loop::Current(), context_, {},
                              [this](http::Request request, http::ResponseWriter& out) -> Task<void> {
                                const bool discovery = request.path() == "/.well-known/openid-configuration";
                                ++requests;
                                (void)co_await out.Send(code, {}, discovery ? Discovery() : Keys());
                              });
    CHECK(server_->Start().ok());
    url = StrCat("https://127.0.0.1:", server_->port());
    if (issuer.empty()) issuer = url;
  }
  Task<void> Stop() {
    co_await server_->Drain(absl::ZeroDuration());
    server_.reset();
  }

  std::string ca_pem, url, issuer;
  json::Array keys;  // of the key set
  int code = 200, requests = 0;

 private:
  std::string Discovery() const { return StrCat(R"({"issuer":")", issuer, R"(","jwks_uri":")", url, R"(/keys"})"); }
  std::string Keys() const {
    json::Value out = json::Value::MakeObject();
    out.Ensure({"keys"}) = json::Value(keys);
    return json::Write(out);
  }

  std::shared_ptr<tls::ServerContext> context_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace atoll::auth::testing
