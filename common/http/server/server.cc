// The accept loop, the handshake and its deadline, the choice of protocol, and the drain.
#include "common/http/server.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "common/base/status.h"
#include "common/http/server/connection.h"
#include "common/log/log.h"
#include "common/tls/context.h"

namespace atoll::http {
namespace {

constexpr absl::Duration kTickMax = absl::Milliseconds(500);
constexpr absl::Duration kTickMin = absl::Milliseconds(1);
// After accept failed for want of descriptors or memory.
constexpr absl::Duration kAcceptPause = absl::Milliseconds(100);
constexpr std::string_view kH2Preface = "PRI * HTTP/2.0\r\n";

absl::Duration TickFor(const ServerOptions& o) {
  absl::Duration shortest = std::min({o.handshake_timeout, o.header_timeout, o.idle_timeout});
  return std::clamp(shortest / 8, kTickMin, kTickMax);
}

// Closes a connection that does not get through its handshake in time. The stream is valid while this stands in the
// wheel.
class HandshakeDeadline final : public DeadlineWheel::Member {
 public:
  HandshakeDeadline(ServerShared& server, Stream* raw) : raw_(raw) {
    server.wheel.Schedule(*this, server.wheel.now() + server.wheel.FromDuration(server.options.handshake_timeout));
  }
  void OnDue() override { raw_->Close(); }

 private:
  Stream* raw_;
};

// Counts a connection from accept to its end.
class OpenConnection {
 public:
  explicit OpenConnection(std::shared_ptr<ServerShared> server) : server_(std::move(server)) {
    ++server_->stats.connections_open;
    ++server_->stats.connections_total;
  }
  ~OpenConnection() {
    --server_->stats.connections_open;
    server_->changed.Set();
    server_->accept_room.Set();
  }

 private:
  std::shared_ptr<ServerShared> server_;
};

class Registered {
 public:
  Registered(ServerShared& server, ServerConnection* connection) : server_(server), connection_(connection) {
    server_.connections.insert(connection_);
  }
  ~Registered() { server_.connections.erase(connection_); }

 private:
  ServerShared& server_;
  ServerConnection* connection_;
};

Task<void> RunConnection(std::shared_ptr<ServerShared> server, std::shared_ptr<ServerConnection> connection) {
  Registered registered(*server, connection.get());
  if (server->draining) connection->BeginDrain();
  co_await connection->Run();
}

// Plain text has no ALPN: the first bytes tell.
Task<absl::StatusOr<std::shared_ptr<ServerConnection>>> SniffPlain(std::shared_ptr<ServerShared> server,
                                                                   std::unique_ptr<Stream> raw) {
  HandshakeDeadline deadline(*server, raw.get());
  std::string first;
  bool h2 = true;
  while (h2 && first.size() < kH2Preface.size()) {
    char buffer[256];
    auto size = co_await raw->Read(buffer, sizeof buffer);
    if (!size.ok()) co_return std::move(size).status();
    if (*size == 0) co_return absl::UnavailableError("closed before the first request");
    first.append(buffer, *size);
    size_t n = std::min(first.size(), kH2Preface.size());
    h2 = first.compare(0, n, kH2Preface, 0, n) == 0;
  }
  deadline.Unlink();
  auto make = h2 ? NewH2Connection : NewH1Connection;
  co_return make(server, std::move(raw), nullptr, std::move(first));
}

Task<absl::StatusOr<std::shared_ptr<ServerConnection>>> Handshake(std::shared_ptr<ServerShared> server,
                                                                  std::unique_ptr<Stream> raw,
                                                                  std::shared_ptr<tls::ServerContext> tls) {
  HandshakeDeadline deadline(*server, raw.get());
  auto secure = co_await tls::Accept(std::move(raw), std::move(tls));
  deadline.Unlink();
  if (!secure.ok()) co_return std::move(secure).status();
  auto certificates = (*secure)->peer_certificates();
  auto make = (*secure)->alpn() == "h2" ? NewH2Connection : NewH1Connection;
  co_return make(server, *std::move(secure), std::move(certificates), std::string());
}

Task<void> Serve(std::shared_ptr<ServerShared> server, std::unique_ptr<Stream> raw,
                 std::shared_ptr<tls::ServerContext> tls) {
  OpenConnection open(server);
  auto connection = tls == nullptr ? co_await SniffPlain(server, std::move(raw))
                                   : co_await Handshake(server, std::move(raw), std::move(tls));
  if (!connection.ok()) {
    ++server->stats.handshake_failures_total;
    LOG_DEBUG("http", "handshake failed", {{"error", connection.status().ToString()}});
    co_return;
  }
  co_await RunConnection(server, *std::move(connection));
}

Task<void> AcceptLoop(std::shared_ptr<ServerShared> server, std::shared_ptr<Listener> listener,
                      std::shared_ptr<tls::ServerContext> tls) {
  while (!server->draining) {
    if (server->stats.connections_open >= server->options.connections_max) {
      co_await server->accept_room.Wait();
      continue;
    }
    auto raw = co_await listener->Accept();
    if (server->draining || absl::IsCancelled(raw.status())) break;
    if (!raw.ok()) {
      LOG_WARNING("http", "accept failed", {{"error", raw.status().ToString()}});
      co_await atoll::SleepFor(kAcceptPause);
      continue;
    }
    server->loop.Spawn(Serve(server, *std::move(raw), tls));
  }
}

class ServerImpl final : public Server {
 public:
  ServerImpl(Loop& loop, std::shared_ptr<tls::ServerContext> tls, ServerOptions options, Handler handler)
      : tls_(std::move(tls)),
        shared_(std::make_shared<ServerShared>(loop, TickFor(options), options, std::move(handler))) {}

  // A server that was not drained lets go of its connections at once.
  ~ServerImpl() override {
    if (shared_->loop.Here()) Stop();
  }

  absl::Status Start() override {
    const ServerOptions& o = shared_->options;
    ASSIGN_OR_RETURN(std::unique_ptr<Listener> listener,
                     shared_->loop.net().Listen(o.bind_address, o.port, o.share_port));
    port_ = listener->port();
    listener_ = std::move(listener);
    shared_->loop.Spawn(AcceptLoop(shared_, listener_, tls_));
    return absl::OkStatus();
  }

  int port() const override { return port_; }
  ServerStats stats() const override { return shared_->stats; }

  Task<void> Drain(absl::Duration grace) override {
    std::shared_ptr<ServerShared> shared = shared_;
    StopAccepting();
    for (ServerConnection* connection : shared->connections) connection->BeginDrain();
    auto expired = std::make_shared<bool>(false);
    Loop::TimerId timer = shared->loop.After(grace, [shared, expired] {
      *expired = true;
      shared->changed.Set();
    });
    while (shared->stats.connections_open > 0 && !*expired) co_await shared->changed.Wait();
    shared->loop.Cancel(timer);
    AbortAll();
    while (shared->stats.connections_open > 0) co_await shared->changed.Wait();
  }

 private:
  void StopAccepting() {
    shared_->draining = true;
    if (listener_) listener_->Close();
    shared_->accept_room.Set();
  }
  void AbortAll() {
    for (ServerConnection* connection : shared_->connections) {
      connection->Abort(absl::CancelledError("the server is stopping"));
    }
  }
  void Stop() {
    StopAccepting();
    AbortAll();
  }

  std::shared_ptr<tls::ServerContext> tls_;
  std::shared_ptr<ServerShared> shared_;
  std::shared_ptr<Listener> listener_;
  int port_ = 0;
};

}  // namespace

std::unique_ptr<Server> NewServer(Loop& loop, std::shared_ptr<tls::ServerContext> tls, ServerOptions options,
                                  Handler handler) {
  return std::make_unique<ServerImpl>(loop, std::move(tls), std::move(options), std::move(handler));
}

}  // namespace atoll::http
