#include "common/tls/context.h"

#include <arpa/inet.h>

#include <cstring>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/tls/handles.h"
#include "common/tls/handshaker.h"

namespace atoll::tls {
namespace {

// For TLS 1.2; TLS 1.3's own are all good.
constexpr char kCiphers[] = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr char kSessionContext[] = "atoll";

// ALPN's wire form: each name behind its length.
absl::StatusOr<std::string> AlpnWire(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& n : names) {
    if (n.empty() || n.size() > 255) return absl::InvalidArgumentError(StrCat("ALPN protocol \"", n, "\""));
    out.push_back(static_cast<char>(n.size()));
    out += n;
  }
  return out;
}

absl::StatusOr<SslContextPtr> NewContext(const SSL_METHOD* method) {
  SslContextPtr context(SSL_CTX_new(method));
  if (!context) return absl::InternalError(StrCat("TLS context: ", TakeErrorText("OpenSSL failed")));
  SSL_CTX* c = context.get();
  SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION);
  SSL_CTX_set_options(c, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                             SSL_OP_IGNORE_UNEXPECTED_EOF);
  // An idle connection keeps no record buffers.
  SSL_CTX_set_mode(c, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                          SSL_MODE_NO_AUTO_CHAIN);  // show the chain as given, without a CA from the trusted ones
  SSL_CTX_set_cipher_list(c, kCiphers);
  return context;
}

absl::Status UsePair(SSL_CTX* context, const KeyPair& pair) {
  ASSIGN_OR_RETURN(std::vector<X509Ptr> chain, ParseCertificates(pair.certificate_pem));
  ASSIGN_OR_RETURN(KeyPtr key, ParseKey(pair.key_pem));
  if (SSL_CTX_use_certificate(context, chain.front().get()) != 1) {
    return absl::InvalidArgumentError(StrCat("certificate: ", TakeErrorText("not usable")));
  }
  for (size_t i = 1; i < chain.size(); ++i) SSL_CTX_add1_chain_cert(context, chain[i].get());
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    return absl::InvalidArgumentError(StrCat("private key: ", TakeErrorText("does not belong to the certificate")));
  }
  return absl::OkStatus();
}

// Accepts whatever client certificate is shown: authenticators verify it, each against its own CA. A session ticket
// keeps the leaf only, so one who shows more than a leaf gets no ticket, lest a resumed session miss the intermediates.
int AcceptAnyClientCertificate(X509_STORE_CTX* store, void*) {
  auto* ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  STACK_OF(X509)* shown = X509_STORE_CTX_get0_untrusted(store);
  if (shown != nullptr && sk_X509_num(shown) > 1) {
    SSL_set_num_tickets(ssl, 0);
    SSL_set_options(ssl, SSL_OP_NO_TICKET);
  }
  return 1;
}

}  // namespace

struct ServerContext::Impl {
  std::string alpn;  // wire form; never changes

  absl::Mutex mutex;
  SslContextPtr context ABSL_GUARDED_BY(mutex);

  static int SelectAlpn(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                        unsigned in_size, void* self) {
    const std::string& ours = static_cast<Impl*>(self)->alpn;
    unsigned char* selected = nullptr;
    int result = SSL_select_next_proto(&selected, out_size, reinterpret_cast<const unsigned char*>(ours.data()),
                                       static_cast<unsigned>(ours.size()), in, in_size);
    // Nothing in common: go on without, which means HTTP/1.1.
    if (result != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_NOACK;
    *out = selected;
    return SSL_TLSEXT_ERR_OK;
  }

  absl::StatusOr<SslContextPtr> Make(const KeyPair& pair) {
    ASSIGN_OR_RETURN(SslContextPtr made, NewContext(TLS_server_method()));
    SSL_CTX* c = made.get();
    RETURN_IF_ERROR(UsePair(c, pair));
    if (!alpn.empty()) SSL_CTX_set_alpn_select_cb(c, SelectAlpn, this);
    SSL_CTX_set_verify(c, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_cert_verify_callback(c, AcceptAnyClientCertificate, nullptr);
    SSL_CTX_set_session_id_context(c, reinterpret_cast<const unsigned char*>(kSessionContext),
                                   sizeof(kSessionContext) - 1);
    SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);  // tickets keep the state at the client
    SSL_CTX_set_num_tickets(c, 1);
    return made;
  }
};

ServerContext::~ServerContext() = default;

absl::StatusOr<std::shared_ptr<ServerContext>> ServerContext::Create(KeyPair pair, std::vector<std::string> alpn) {
  auto out = std::make_shared<ServerContext>();
  out->impl_ = std::make_unique<Impl>();
  ASSIGN_OR_RETURN(out->impl_->alpn, AlpnWire(alpn));
  RETURN_IF_ERROR(out->Reload(std::move(pair)));
  return out;
}

absl::Status ServerContext::Reload(KeyPair pair) {
  ASSIGN_OR_RETURN(SslContextPtr made, impl_->Make(pair));
  absl::MutexLock lock(&impl_->mutex);
  if (impl_->context) {
    // Tickets of before the reload stay good.
    unsigned char keys[80];
    if (SSL_CTX_get_tlsext_ticket_keys(impl_->context.get(), keys, sizeof(keys)) == 1) {
      SSL_CTX_set_tlsext_ticket_keys(made.get(), keys, sizeof(keys));
    }
    OPENSSL_cleanse(keys, sizeof(keys));
  }
  impl_->context = std::move(made);  // connections that use the old one hold a reference
  return absl::OkStatus();
}

struct ClientContext::Impl {
  SslContextPtr context;
};

ClientContext::~ClientContext() = default;

absl::StatusOr<std::shared_ptr<ClientContext>> ClientContext::Create(std::string_view ca_pem, const KeyPair* pair,
                                                                     std::vector<std::string> alpn) {
  return Make(&ca_pem, pair, alpn);
}

absl::StatusOr<std::shared_ptr<ClientContext>> ClientContext::CreateWithSystemRoots(std::vector<std::string> alpn) {
  ASSIGN_OR_RETURN(std::shared_ptr<ClientContext> out, Make(nullptr, nullptr, alpn));
  SSL_CTX* c = out->impl_->context.get();
  if (SSL_CTX_set_default_verify_paths(c) != 1)
    return absl::UnavailableError("the system's authorities are unreadable");
  SSL_CTX_set_verify(c, SSL_VERIFY_PEER, nullptr);
  return out;
}

absl::StatusOr<std::shared_ptr<ClientContext>> ClientContext::CreateUnverified(const KeyPair* pair,
                                                                               std::vector<std::string> alpn) {
  return Make(nullptr, pair, alpn);
}

// `ca_pem` null: the peer is not verified.
absl::StatusOr<std::shared_ptr<ClientContext>> ClientContext::Make(const std::string_view* ca_pem, const KeyPair* pair,
                                                                   const std::vector<std::string>& alpn) {
  ASSIGN_OR_RETURN(SslContextPtr made, NewContext(TLS_client_method()));
  SSL_CTX* c = made.get();
  if (ca_pem != nullptr) {
    ASSIGN_OR_RETURN(std::vector<X509Ptr> trusted, ParseCertificates(*ca_pem));
    for (const X509Ptr& t : trusted) X509_STORE_add_cert(SSL_CTX_get_cert_store(c), t.get());
  }
  X509_STORE_set_flags(SSL_CTX_get_cert_store(c), X509_V_FLAG_PARTIAL_CHAIN);
  SSL_CTX_set_verify(c, ca_pem != nullptr ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  if (pair != nullptr) RETURN_IF_ERROR(UsePair(c, *pair));
  ASSIGN_OR_RETURN(std::string wire, AlpnWire(alpn));
  if (!wire.empty()) {
    SSL_CTX_set_alpn_protos(c, reinterpret_cast<const unsigned char*>(wire.data()), static_cast<unsigned>(wire.size()));
  }
  auto out = std::make_shared<ClientContext>();
  out->impl_ = std::make_unique<Impl>();
  out->impl_->context = std::move(made);
  return out;
}

SslPtr Handshaker::NewServer(ServerContext& context) {
  SslPtr ssl;
  {
    absl::MutexLock lock(&context.impl_->mutex);
    ssl.reset(SSL_new(context.impl_->context.get()));
  }
  if (ssl) SSL_set_accept_state(ssl.get());
  return ssl;
}

SslPtr Handshaker::NewClient(ClientContext& context, const std::string& server_name) {
  SslPtr ssl(SSL_new(context.impl_->context.get()));
  if (!ssl) return ssl;
  SSL_set_connect_state(ssl.get());
  SSL_set_hostflags(ssl.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  unsigned char address[16];
  bool is_address =
      inet_pton(AF_INET, server_name.c_str(), address) == 1 || inet_pton(AF_INET6, server_name.c_str(), address) == 1;
  int ok = is_address ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl.get()), server_name.c_str())
                      : SSL_set1_host(ssl.get(), server_name.c_str()) &
                            static_cast<int>(SSL_set_tlsext_host_name(ssl.get(), server_name.c_str()));
  // An empty name would switch the check off.
  if (ok != 1 || server_name.empty()) ssl.reset();
  return ssl;
}

}  // namespace atoll::tls
