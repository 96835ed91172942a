#include "common/tls/certificates.h"

#include <arpa/inet.h>
#include <openssl/asn1.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <ctime>

#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/tls/handles.h"

namespace atoll::tls {
namespace {

// Clocks of fleet members differ a little; a fresh certificate must be valid on all of them.
constexpr absl::Duration kBackdate = absl::Minutes(5);

absl::Status OpensslError(std::string_view doing) {
  return absl::InternalError(StrCat(doing, ": ", TakeErrorText("OpenSSL failed")));
}

absl::StatusOr<std::string> KeyToPem(EVP_PKEY* key) {
  BioPtr bio(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return OpensslError("writing a key");
  char* data = nullptr;
  auto size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<size_t>(size));
}

absl::StatusOr<std::string> CertificateToPem(X509* certificate) {
  BioPtr bio(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_X509(bio.get(), certificate) != 1) return OpensslError("writing a certificate");
  char* data = nullptr;
  auto size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<size_t>(size));
}

absl::Status SetSerial(X509* certificate) {
  unsigned char bytes[16];
  SystemRandom().Fill(bytes, sizeof(bytes));
  bytes[0] = static_cast<unsigned char>((bytes[0] & 0x7f) | 0x40);  // positive, and of full length
  std::unique_ptr<BIGNUM, Freer<BN_free>> number(BN_bin2bn(bytes, sizeof(bytes), nullptr));
  if (!number || BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) == nullptr)
    return OpensslError("serial number");
  return absl::OkStatus();
}

absl::Status SetValidity(X509* certificate, absl::Duration lifetime) {
  absl::Time now = SystemClock().Now();
  if (ASN1_TIME_set(X509_getm_notBefore(certificate), absl::ToTimeT(now - kBackdate)) == nullptr ||
      ASN1_TIME_set(X509_getm_notAfter(certificate), absl::ToTimeT(now + lifetime)) == nullptr) {
    return OpensslError("validity");
  }
  return absl::OkStatus();
}

absl::Status AddEntry(X509_NAME* name, const char* field, std::string_view value) {
  if (X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(value.data()),
                                 static_cast<int>(value.size()), -1, 0) != 1) {
    ERR_clear_error();
    return absl::InvalidArgumentError(StrCat("certificate subject: invalid ", field, " \"", value, "\""));
  }
  return absl::OkStatus();
}

absl::Status AddExtension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION_free>> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  if (!extension || X509_add_ext(certificate, extension.get(), -1) != 1)
    return OpensslError(StrCat("extension ", OBJ_nid2sn(nid)));
  return absl::OkStatus();
}

// Built as objects, not as OpenSSL's configuration text, in which a name could smuggle further entries.
absl::Status AddAlternativeNames(X509* certificate, const LeafOptions& options) {
  if (options.dns_names.empty() && options.ip_addresses.empty()) return absl::OkStatus();
  std::unique_ptr<GENERAL_NAMES, Freer<GENERAL_NAMES_free>> names(GENERAL_NAMES_new());
  auto add = [&](int type, const void* bytes, size_t size) {
    GENERAL_NAME* name = GENERAL_NAME_new();
    ASN1_STRING* text = ASN1_STRING_type_new(type == GEN_DNS ? V_ASN1_IA5STRING : V_ASN1_OCTET_STRING);
    ASN1_STRING_set(text, bytes, static_cast<int>(size));
    GENERAL_NAME_set0_value(name, type, text);
    sk_GENERAL_NAME_push(names.get(), name);
  };
  for (const std::string& dns : options.dns_names) add(GEN_DNS, dns.data(), dns.size());
  for (const std::string& ip : options.ip_addresses) {
    unsigned char bytes[16];
    if (inet_pton(AF_INET, ip.c_str(), bytes) == 1) {
      add(GEN_IPADD, bytes, 4);
    } else if (inet_pton(AF_INET6, ip.c_str(), bytes) == 1) {
      add(GEN_IPADD, bytes, 16);
    } else {
      return absl::InvalidArgumentError(StrCat("certificate: \"", ip, "\" is not an IP address"));
    }
  }
  if (X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, 0) != 1)
    return OpensslError("alternative names");
  return absl::OkStatus();
}

struct NewCertificate {
  X509Ptr certificate;
  KeyPtr key;
};

absl::StatusOr<NewCertificate> Begin(const Subject& subject, absl::Duration lifetime) {
  NewCertificate out{X509Ptr(X509_new()), KeyPtr(EVP_EC_gen("P-256"))};
  if (!out.certificate || !out.key) return OpensslError("making a key");
  X509* certificate = out.certificate.get();
  X509_set_version(certificate, X509_VERSION_3);
  RETURN_IF_ERROR(SetSerial(certificate));
  RETURN_IF_ERROR(SetValidity(certificate, lifetime));
  X509_NAME* name = X509_get_subject_name(certificate);
  for (const std::string& o : subject.organizations) RETURN_IF_ERROR(AddEntry(name, "O", o));
  if (!subject.common_name.empty()) RETURN_IF_ERROR(AddEntry(name, "CN", subject.common_name));
  if (X509_set_pubkey(certificate, out.key.get()) != 1) return OpensslError("public key");
  return out;
}

absl::StatusOr<KeyPair> Finish(NewCertificate made, EVP_PKEY* signer) {
  if (X509_sign(made.certificate.get(), signer, EVP_sha256()) == 0) return OpensslError("signing a certificate");
  KeyPair pair;
  ASSIGN_OR_RETURN(pair.certificate_pem, CertificateToPem(made.certificate.get()));
  ASSIGN_OR_RETURN(pair.key_pem, KeyToPem(made.key.get()));
  return pair;
}

std::string Utf8(const ASN1_STRING* s) {
  unsigned char* bytes = nullptr;
  int size = ASN1_STRING_to_UTF8(&bytes, s);
  if (size < 0) {
    ERR_clear_error();
    return {};
  }
  std::string out(reinterpret_cast<char*>(bytes), static_cast<size_t>(size));
  OPENSSL_free(bytes);
  return out;
}

Subject SubjectOf(X509* certificate) {
  Subject out;
  const X509_NAME* name = X509_get_subject_name(certificate);
  for (int i = 0; i < X509_NAME_entry_count(name); ++i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, i);
    std::string value = Utf8(X509_NAME_ENTRY_get_data(entry));
    switch (OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry))) {
      case NID_commonName:
        out.common_name = std::move(value);
        break;  // the last one counts, as in Go
      case NID_organizationName:
        out.organizations.push_back(std::move(value));
        break;
      default:
        break;
    }
  }
  return out;
}

X509Ptr FromDer(const std::string& der) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  return X509Ptr(d2i_X509(nullptr, &bytes, static_cast<long>(der.size())));  // NOLINT: OpenSSL's type
}

}  // namespace

absl::StatusOr<KeyPair> NewCertificateAuthority(std::string_view common_name, absl::Duration lifetime) {
  ASSIGN_OR_RETURN(NewCertificate made, Begin({.common_name = std::string(common_name)}, lifetime));
  X509* certificate = made.certificate.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  RETURN_IF_ERROR(AddExtension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE"));
  RETURN_IF_ERROR(
      AddExtension(certificate, certificate, NID_key_usage, "critical,digitalSignature,keyCertSign,cRLSign"));
  RETURN_IF_ERROR(AddExtension(certificate, certificate, NID_subject_key_identifier, "hash"));
  EVP_PKEY* signer = made.key.get();
  return Finish(std::move(made), signer);
}

absl::StatusOr<KeyPair> IssueCertificate(const KeyPair& ca, const LeafOptions& options) {
  ASSIGN_OR_RETURN(std::vector<X509Ptr> ca_chain, ParseCertificates(ca.certificate_pem));
  ASSIGN_OR_RETURN(KeyPtr ca_key, ParseKey(ca.key_pem));
  X509* issuer = ca_chain.front().get();
  if (X509_check_private_key(issuer, ca_key.get()) != 1) {
    ERR_clear_error();
    return absl::InvalidArgumentError("the CA's key does not belong to its certificate");
  }
  ASSIGN_OR_RETURN(NewCertificate made, Begin(options.subject, options.lifetime));
  X509* certificate = made.certificate.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
  RETURN_IF_ERROR(AddExtension(certificate, issuer, NID_basic_constraints, "critical,CA:FALSE"));
  RETURN_IF_ERROR(AddExtension(certificate, issuer, NID_key_usage, "critical,digitalSignature"));
  if (options.server || options.client) {
    std::string usage = options.server ? (options.client ? "serverAuth,clientAuth" : "serverAuth") : "clientAuth";
    RETURN_IF_ERROR(AddExtension(certificate, issuer, NID_ext_key_usage, usage));
  }
  RETURN_IF_ERROR(AddExtension(certificate, issuer, NID_subject_key_identifier, "hash"));
  if (X509_get0_subject_key_id(issuer) != nullptr) {
    RETURN_IF_ERROR(AddExtension(certificate, issuer, NID_authority_key_identifier, "keyid:always"));
  }
  RETURN_IF_ERROR(AddAlternativeNames(certificate, options));
  return Finish(std::move(made), ca_key.get());
}

absl::StatusOr<std::string> NewRsaKey(int bits) {
  if (bits < 2048 || bits > 8192) return absl::InvalidArgumentError(StrCat("an RSA key of ", bits, " bits"));
  KeyPtr key(EVP_RSA_gen(static_cast<unsigned>(bits)));
  if (!key) return OpensslError("making an RSA key");
  return KeyToPem(key.get());
}

struct TrustPool::Impl {
  StorePtr store;
};

TrustPool::~TrustPool() = default;

absl::StatusOr<std::shared_ptr<const TrustPool>> TrustPool::FromPem(std::string_view pem) {
  ASSIGN_OR_RETURN(std::vector<X509Ptr> certificates, ParseCertificates(pem));
  auto pool = std::make_shared<TrustPool>();
  pool->impl_ = std::make_unique<Impl>();
  pool->impl_->store.reset(X509_STORE_new());
  // Each given certificate is an anchor, also one that is not self-signed: what Go's CertPool does.
  X509_STORE_set_flags(pool->impl_->store.get(), X509_V_FLAG_PARTIAL_CHAIN);
  for (const X509Ptr& c : certificates) {
    if (X509_STORE_add_cert(pool->impl_->store.get(), c.get()) != 1) return OpensslError("adding a CA certificate");
  }
  return std::shared_ptr<const TrustPool>(std::move(pool));
}

absl::StatusOr<Subject> TrustPool::VerifyClient(const http::PeerCertificates& chain) const {
  if (chain.chain_der.empty()) return absl::UnauthenticatedError("no client certificate");
  X509Ptr leaf = FromDer(chain.chain_der.front());
  X509StackPtr intermediates(sk_X509_new_null());
  for (size_t i = 1; i < chain.chain_der.size(); ++i) {
    X509Ptr c = FromDer(chain.chain_der[i]);
    if (!c || sk_X509_push(intermediates.get(), c.get()) == 0) continue;
    (void)c.release();
  }
  StoreContextPtr context(X509_STORE_CTX_new());
  if (!leaf || X509_STORE_CTX_init(context.get(), impl_->store.get(), leaf.get(), intermediates.get()) != 1) {
    return absl::UnauthenticatedError(StrCat("client certificate: ", TakeErrorText("malformed")));
  }
  // The purpose "sslclient" demands clientAuth (or no extended key usage at all) along the chain.
  X509_STORE_CTX_set_default(context.get(), "ssl_client");
  if (X509_verify_cert(context.get()) != 1) {
    ERR_clear_error();
    return absl::UnauthenticatedError(
        StrCat("client certificate: ", X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get()))));
  }
  return SubjectOf(leaf.get());
}

absl::StatusOr<absl::Time> NotAfter(std::string_view pem) {
  ASSIGN_OR_RETURN(std::vector<X509Ptr> certificates, ParseCertificates(pem));
  std::tm tm{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificates.front().get()), &tm) != 1)
    return OpensslError("reading notAfter");
  return absl::FromTM(tm, absl::UTCTimeZone());
}

}  // namespace atoll::tls
