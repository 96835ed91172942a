// TLS contexts (OpenSSL) and the Stream wrapper. TLS 1.2 and newer. Contexts are thread-safe and shared by all loops; a
// new certificate is picked up by new handshakes without a restart.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/http/message.h"
#include "common/loop/net.h"

struct ssl_ctx_st;

namespace atoll::tls {

struct KeyPair {
  std::string certificate_pem;  // leaf first
  std::string key_pem;
};

class ServerContext {
 public:
  // Offers `alpn` in order. Client certificates are requested, never required, and not verified here (see
  // http::PeerCertificates).
  static absl::StatusOr<std::shared_ptr<ServerContext>> Create(KeyPair pair,
                                                               std::vector<std::string> alpn = {"h2", "http/1.1"});
  // Replaces the pair for new handshakes; the old one stays on error.
  absl::Status Reload(KeyPair pair);
  ~ServerContext();

 private:
  friend class Handshaker;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

class ClientContext {
 public:
  // Trusts `ca_pem` only. `pair` (optional) is the client certificate.
  static absl::StatusOr<std::shared_ptr<ClientContext>> Create(std::string_view ca_pem, const KeyPair* pair = nullptr,
                                                               std::vector<std::string> alpn = {"h2", "http/1.1"});
  // Trusts what the machine trusts.
  static absl::StatusOr<std::shared_ptr<ClientContext>> CreateWithSystemRoots(std::vector<std::string> alpn = {
                                                                                  "h2", "http/1.1"});
  // Trusts whoever answers. Only for command lines whose user asked for it (insecure-skip-tls-verify).
  static absl::StatusOr<std::shared_ptr<ClientContext>> CreateUnverified(const KeyPair* pair = nullptr,
                                                                         std::vector<std::string> alpn = {"h2",
                                                                                                          "http/1.1"});
  ~ClientContext();

 private:
  friend class Handshaker;
  struct Impl;
  static absl::StatusOr<std::shared_ptr<ClientContext>> Make(const std::string_view* ca_pem, const KeyPair* pair,
                                                             const std::vector<std::string>& alpn);
  std::unique_ptr<Impl> impl_;
};

// A Stream over TLS.
class TlsStream : public Stream {
 public:
  virtual std::string_view alpn() const = 0;
  virtual std::shared_ptr<const http::PeerCertificates> peer_certificates() const = 0;
};

Task<absl::StatusOr<std::unique_ptr<TlsStream>>> Accept(std::unique_ptr<Stream> raw,
                                                        std::shared_ptr<ServerContext> context);
// Verifies the peer's chain and that it is valid for `server_name` (DNS name or IP address).
Task<absl::StatusOr<std::unique_ptr<TlsStream>>> Connect(std::unique_ptr<Stream> raw,
                                                         std::shared_ptr<ClientContext> context,
                                                         std::string server_name);

}  // namespace atoll::tls
