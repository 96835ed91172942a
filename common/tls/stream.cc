// A TLS connection over any Stream. Hot path: no allocation per Read beyond a recycled buffer, one raw Write per flush.
//
// OpenSSL never touches the socket: its BIO reads from `wire_in`, which a raw Read filled, and appends to `wire_out`,
// which a flush writes. SSL calls never suspend, so the one Read and the one Write that may wait at a time cannot
// interleave inside OpenSSL; each may leave bytes in `wire_out` (alerts, key updates, the rest of a handshake), and
// whoever comes first writes all of it.
#include <openssl/sha.h>

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/loop/loop.h"
#include "common/loop/sync.h"
#include "common/tls/context.h"
#include "common/tls/handles.h"
#include "common/tls/handshaker.h"

namespace atoll::tls {
namespace {

// One raw read: a full TLS record and then some.
constexpr size_t kReadBytes = 17 * 1024;
// Plain text encrypted ahead of one raw write; larger writes go in several, so a big response is never held twice.
constexpr size_t kWriteBytesMax = 64 * 1024;
// Buffers each thread keeps for reuse.
constexpr size_t kSpareBuffersMax = 16;
// How long a peer may take for the handshake, and we for the farewell.
constexpr absl::Duration kHandshakeTimeout = absl::Seconds(10);
constexpr absl::Duration kFarewellTimeout = absl::Seconds(1);

// A read buffer that exists only while bytes are in it or a raw read runs, so idle connections have none.
class ReadBuffer {
 public:
  ~ReadBuffer() { Release(); }
  char* Acquire() {
    if (!bytes_) {
      auto& spare = Spare();
      if (spare.empty()) {
        bytes_.reset(new char[kReadBytes]);
      } else {
        bytes_ = std::move(spare.back());
        spare.pop_back();
      }
    }
    return bytes_.get();
  }
  void Release() {
    if (bytes_ && Spare().size() < kSpareBuffersMax) Spare().push_back(std::move(bytes_));
    bytes_.reset();
  }

 private:
  static std::vector<std::unique_ptr<char[]>>& Spare() {
    thread_local std::vector<std::unique_ptr<char[]>> spare;
    return spare;
  }
  std::unique_ptr<char[]> bytes_;
};

// What OpenSSL reads and writes instead of a socket.
struct Wire {
  ReadBuffer buffer;
  std::string_view in;  // in `buffer`
  std::string out;
  bool ended = false;  // the peer's bytes
};

int WireRead(BIO* bio, char* into, int size) {
  auto* wire = static_cast<Wire*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  if (wire->in.empty()) {
    if (wire->ended) return 0;
    BIO_set_retry_read(bio);
    return -1;
  }
  size_t n = std::min(wire->in.size(), static_cast<size_t>(size));
  std::memcpy(into, wire->in.data(), n);
  wire->in.remove_prefix(n);
  if (wire->in.empty()) wire->buffer.Release();
  return static_cast<int>(n);
}

int WireWrite(BIO* bio, const char* bytes, int size) {
  static_cast<Wire*>(BIO_get_data(bio))->out.append(bytes, static_cast<size_t>(size));
  BIO_clear_retry_flags(bio);
  return size;
}

long WireControl(BIO* bio, int command, long, void*) {  // NOLINT: OpenSSL's signature
  if (command == BIO_CTRL_EOF) return static_cast<Wire*>(BIO_get_data(bio))->ended ? 1 : 0;
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD* WireMethod() {
  static BIO_METHOD* method = [] {
    BIO_METHOD* m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "atoll stream");
    BIO_meth_set_read(m, WireRead);
    BIO_meth_set_write(m, WireWrite);
    BIO_meth_set_ctrl(m, WireControl);
    return m;
  }();
  return method;
}

// Shared by the stream and the operations that wait on it.
struct Connection {
  std::unique_ptr<Stream> raw;
  Wire wire;
  SslPtr ssl;  // after `wire`, so freed before it
  bool closed = false;
  bool timed_out = false;
  bool flushing = false;
  WakeUp flushed;
  std::string alpn;
  std::shared_ptr<const http::PeerCertificates> peer_certificates;
};
using ConnectionPtr = std::shared_ptr<Connection>;

absl::Status Closed() { return absl::CancelledError("the connection was closed here"); }

// Writes what OpenSSL left to be sent. Returns when everything left before the call is sent.
Task<absl::Status> Flush(ConnectionPtr c) {
  while (!c->wire.out.empty() || c->flushing) {
    if (c->closed) co_return Closed();
    if (c->flushing) {
      co_await c->flushed.Wait();
      continue;
    }
    c->flushing = true;
    std::string bytes = std::exchange(c->wire.out, {});
    absl::Status status = co_await c->raw->Write(bytes);
    c->flushing = false;
    c->flushed.Set();
    if (!status.ok()) co_return status;
  }
  co_return absl::OkStatus();
}

// Gets bytes of the peer for OpenSSL.
Task<absl::Status> Fill(ConnectionPtr c) {
  co_await c->raw->WaitReadable();
  if (c->closed) co_return Closed();
  char* buffer = c->wire.buffer.Acquire();
  auto n = co_await c->raw->Read(buffer, kReadBytes);
  if (c->closed) {
    c->wire.buffer.Release();
    co_return Closed();
  }
  if (!n.ok() || *n == 0) {
    c->wire.buffer.Release();
    c->wire.ended = n.ok();
    co_return n.status();
  }
  c->wire.in = {buffer, *n};
  co_return absl::OkStatus();
}

absl::Status SslError(Connection& c, std::string_view doing, int error) {
  if (error == SSL_ERROR_SYSCALL) ERR_clear_error();
  long verify = SSL_get_verify_result(c.ssl.get());  // NOLINT: OpenSSL's type
  if (verify != X509_V_OK && !SSL_is_server(c.ssl.get())) {
    ERR_clear_error();
    return absl::UnauthenticatedError(StrCat(doing, ": ", X509_verify_cert_error_string(verify)));
  }
  return absl::UnavailableError(StrCat(doing, ": ", TakeErrorText("the connection was lost")));
}

void TakePeerCertificates(Connection& c) {
  X509Ptr leaf(SSL_get1_peer_certificate(c.ssl.get()));
  if (!leaf) return;
  auto out = std::make_shared<http::PeerCertificates>();
  out->chain_der.push_back(ToDer(leaf.get()));
  STACK_OF(X509)* chain = SSL_get_peer_cert_chain(c.ssl.get());
  // OpenSSL's chain has the leaf at a client and lacks it at a server.
  for (int i = SSL_is_server(c.ssl.get()) ? 0 : 1; chain != nullptr && i < sk_X509_num(chain); ++i) {
    out->chain_der.push_back(ToDer(sk_X509_value(chain, i)));
  }
  unsigned char digest[SHA256_DIGEST_LENGTH];
  const std::string& der = out->chain_der.front();
  SHA256(reinterpret_cast<const unsigned char*>(der.data()), der.size(), digest);
  out->leaf_sha256 = absl::BytesToHexString(absl::string_view(reinterpret_cast<char*>(digest), sizeof(digest)));
  c.peer_certificates = std::move(out);
}

// Ends the connection of a peer that does not finish its handshake. Lives in the handshake's frame.
class HandshakeTimer {
 public:
  explicit HandshakeTimer(Connection* c) : loop_(*Loop::Current()) {
    id_ = loop_.After(kHandshakeTimeout, [c] {
      c->timed_out = true;
      c->raw->Close();
    });
  }
  ~HandshakeTimer() { loop_.Cancel(id_); }

 private:
  Loop& loop_;
  Loop::TimerId id_;
};

Task<absl::Status> RunHandshake(ConnectionPtr c) {
  HandshakeTimer timer(c.get());
  while (true) {
    int result = SSL_do_handshake(c->ssl.get());
    int error = result == 1 ? SSL_ERROR_NONE : SSL_get_error(c->ssl.get(), result);
    // Taken before the flush: the error queue is the thread's, and others run meanwhile.
    absl::Status failed;
    if (error != SSL_ERROR_NONE && error != SSL_ERROR_WANT_READ) failed = SslError(*c, "TLS handshake", error);
    absl::Status io = co_await Flush(c);  // with an alert, when it failed
    if (!failed.ok()) co_return failed;
    if (io.ok() && error == SSL_ERROR_NONE) break;
    if (io.ok()) io = co_await Fill(c);
    if (c->timed_out) co_return absl::DeadlineExceededError("TLS handshake: the peer did not finish in time");
    CO_RETURN_IF_ERROR(io);
  }
  const unsigned char* alpn = nullptr;
  unsigned alpn_size = 0;
  SSL_get0_alpn_selected(c->ssl.get(), &alpn, &alpn_size);
  if (alpn != nullptr) c->alpn.assign(reinterpret_cast<const char*>(alpn), alpn_size);
  TakePeerCertificates(*c);
  co_return absl::OkStatus();
}

Task<absl::StatusOr<size_t>> ReadFrom(ConnectionPtr c, char* buffer, size_t size_bytes) {
  while (true) {
    if (c->closed) co_return Closed();
    ERR_clear_error();
    size_t n = 0;
    int result = SSL_read_ex(c->ssl.get(), buffer, size_bytes, &n);
    int error = result == 1 ? SSL_ERROR_NONE : SSL_get_error(c->ssl.get(), result);
    absl::Status failed;
    if (error != SSL_ERROR_NONE && error != SSL_ERROR_WANT_READ && error != SSL_ERROR_ZERO_RETURN) {
      failed = SslError(*c, "TLS", error);
    }
    if (!c->wire.out.empty() && !c->flushing) {
      absl::Status status = co_await Flush(c);
      // What was read is good even if our answer to it could not be sent.
      if (!status.ok() && error == SSL_ERROR_WANT_READ) co_return status;
    }
    if (!failed.ok()) co_return failed;
    if (error == SSL_ERROR_NONE) co_return n;
    if (error == SSL_ERROR_ZERO_RETURN) co_return 0;
    absl::Status status = co_await Fill(c);
    CO_RETURN_IF_ERROR(status);
  }
}

Task<void> WaitReadableOn(ConnectionPtr c) {
  if (c->closed || !c->wire.in.empty() || SSL_has_pending(c->ssl.get()) == 1) co_return;
  co_await c->raw->WaitReadable();
}

Task<absl::Status> WriteTo(ConnectionPtr c, std::string_view bytes) {
  while (!bytes.empty()) {
    if (c->closed) co_return Closed();
    size_t encrypted = 0;
    while (!bytes.empty() && encrypted < kWriteBytesMax) {
      ERR_clear_error();
      size_t n = 0;
      int result = SSL_write_ex(c->ssl.get(), bytes.data(), std::min(bytes.size(), kWriteBytesMax - encrypted), &n);
      if (result != 1) co_return SslError(*c, "TLS", SSL_get_error(c->ssl.get(), result));
      bytes.remove_prefix(n);
      encrypted += n;
    }
    absl::Status status = co_await Flush(c);
    CO_RETURN_IF_ERROR(status);
  }
  co_return absl::OkStatus();
}

Task<void> EndFarewell(ConnectionPtr c) {
  Loop& loop = *Loop::Current();
  Loop::TimerId timer = loop.After(kFarewellTimeout, [c] { c->raw->Close(); });
  std::string bytes = std::exchange(c->wire.out, {});
  (void)co_await c->raw->Write(bytes);
  loop.Cancel(timer);
  c->raw->Close();
}

// Says goodbye (close_notify), unless a write is under way, whose rest would be lost anyway.
void CloseConnection(const ConnectionPtr& c) {
  if (std::exchange(c->closed, true)) return;
  c->flushed.Set();
  Loop* loop = Loop::Current();
  if (loop != nullptr && !c->flushing && SSL_is_init_finished(c->ssl.get()) == 1) {
    SSL_shutdown(c->ssl.get());
    ERR_clear_error();
    if (!c->wire.out.empty()) {
      loop->Spawn(EndFarewell(c));
      return;
    }
  }
  c->raw->Close();
}

class OpensslStream final : public TlsStream {
 public:
  explicit OpensslStream(ConnectionPtr c) : c_(std::move(c)), peer_(c_->raw->peer_address()) {}
  ~OpensslStream() override { CloseConnection(c_); }

  Task<absl::StatusOr<size_t>> Read(char* buffer, size_t size_bytes) override {
    return ReadFrom(c_, buffer, size_bytes);
  }
  Task<void> WaitReadable() override { return WaitReadableOn(c_); }
  Task<absl::Status> Write(std::string_view bytes) override { return WriteTo(c_, bytes); }
  void Close() override { CloseConnection(c_); }
  std::string peer_address() const override { return peer_; }
  std::string_view alpn() const override { return c_->alpn; }
  std::shared_ptr<const http::PeerCertificates> peer_certificates() const override { return c_->peer_certificates; }

 private:
  ConnectionPtr c_;
  std::string peer_;
};

Task<absl::StatusOr<std::unique_ptr<TlsStream>>> Handshake(std::unique_ptr<Stream> raw, SslPtr ssl) {
  auto c = std::make_shared<Connection>();
  c->raw = std::move(raw);
  BIO* bio = BIO_new(WireMethod());
  BIO_set_data(bio, &c->wire);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl.get(), bio, bio);
  c->ssl = std::move(ssl);
  absl::Status status = co_await RunHandshake(c);
  if (!status.ok()) {
    c->raw->Close();
    co_return status;
  }
  co_return std::make_unique<OpensslStream>(std::move(c));
}

}  // namespace

Task<absl::StatusOr<std::unique_ptr<TlsStream>>> Accept(std::unique_ptr<Stream> raw,
                                                        std::shared_ptr<ServerContext> context) {
  SslPtr ssl = Handshaker::NewServer(*context);
  if (!ssl) co_return absl::UnavailableError(StrCat("TLS: ", TakeErrorText("out of memory")));
  // `context` stays in this frame: its callbacks refer to it during the handshake, and not after.
  auto stream = co_await Handshake(std::move(raw), std::move(ssl));
  co_return std::move(stream);
}

Task<absl::StatusOr<std::unique_ptr<TlsStream>>> Connect(std::unique_ptr<Stream> raw,
                                                         std::shared_ptr<ClientContext> context,
                                                         std::string server_name) {
  SslPtr ssl = Handshaker::NewClient(*context, server_name);
  if (!ssl) co_return absl::InvalidArgumentError(StrCat("TLS: \"", server_name, "\" is not a server name"));
  auto stream = co_await Handshake(std::move(raw), std::move(ssl));
  co_return std::move(stream);
}

}  // namespace atoll::tls
