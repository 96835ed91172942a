// The pools: one an origin, connections opened as streams run out, calls that wait in order for room.
#include "common/http/client.h"

#include <algorithm>
#include <deque>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "common/base/strings.h"
#include "common/http/client/connection.h"
#include "common/http/codec/fields.h"
#include "common/tls/context.h"

namespace atoll::http {
namespace {

constexpr absl::Duration kTickMax = absl::Milliseconds(500);
constexpr absl::Duration kTickMin = absl::Milliseconds(1);
constexpr size_t kStreamsGuess = 100;  // of a connection that is being made

absl::Duration TickFor(const ClientOptions& o) {
  return std::clamp(std::min(o.idle_timeout, o.ping_interval) / 8, kTickMin, kTickMax);
}

// Ends a handshake that takes too long, by closing what is under it.
class ConnectDeadline final : public DeadlineWheel::Member {
 public:
  ConnectDeadline(ClientShared& client, Stream* raw) : raw_(raw) {
    client.wheel.Schedule(*this, client.wheel.now() + client.wheel.FromDuration(client.options.connect_timeout));
  }
  void OnDue() override {
    expired = true;
    raw_->Close();
  }
  bool expired = false;

 private:
  Stream* raw_;
};

struct Pool {
  Pool(std::string k, Origin o) : key(std::move(k)), origin(std::move(o)) {}
  const std::string key;
  const Origin origin;
  std::vector<std::shared_ptr<ClientConnection>> connections;
  std::deque<std::shared_ptr<Call>> waiting;
  int connecting = 0;

  // The first connection with room, so that the others may fall idle.
  ClientConnection* WithRoom() {
    std::erase_if(connections, [](const auto& c) { return c->over(); });
    for (const auto& c : connections) {
      if (c->room() > 0) return c.get();
    }
    return nullptr;
  }
  int Usable() const {
    return static_cast<int>(
        std::count_if(connections.begin(), connections.end(), [](const auto& c) { return c->usable(); }));
  }
  // Starts as many waiting calls as there is room for.
  void StartWaiting() {
    while (!waiting.empty()) {
      if (!waiting.front()->error.ok()) {
        waiting.pop_front();
        continue;
      }
      ClientConnection* connection = WithRoom();
      if (connection == nullptr) return;
      auto call = std::move(waiting.front());
      waiting.pop_front();
      connection->Start(std::move(call));
    }
  }
};

// Lives as long as anything of the client does.
struct Core {
  Core(Loop& loop, ClientOptions options) : shared(std::make_shared<ClientShared>(loop, TickFor(options), options)) {}
  std::shared_ptr<ClientShared> shared;
  absl::flat_hash_map<std::string, std::shared_ptr<Pool>> pools;
  bool closed = false;
};

std::string PoolKey(const Origin& o) {
  return StrCat(o.host, "|", o.port, "|", o.server_name, "|", reinterpret_cast<uintptr_t>(o.tls.get()));
}

Task<absl::StatusOr<std::shared_ptr<ClientConnection>>> Connect(std::shared_ptr<ClientShared> shared, Origin origin) {
  auto raw = co_await shared->loop.net().Connect(origin.host, origin.port, shared->options.connect_timeout);
  if (!raw.ok()) co_return std::move(raw).status();
  if (origin.tls == nullptr) co_return NewH2ClientConnection(shared, *std::move(raw));
  ConnectDeadline deadline(*shared, raw->get());
  std::string name = origin.server_name.empty() ? origin.host : origin.server_name;
  auto secure = co_await tls::Connect(*std::move(raw), origin.tls, std::move(name));
  deadline.Unlink();
  if (deadline.expired) co_return absl::DeadlineExceededError("the TLS handshake took too long");
  if (!secure.ok()) co_return std::move(secure).status();
  bool h2 = (*secure)->alpn() == "h2";
  co_return h2 ? NewH2ClientConnection(shared, *std::move(secure)) : NewH1ClientConnection(shared, *std::move(secure));
}

void OpenMore(const std::shared_ptr<Core>& core, const std::shared_ptr<Pool>& pool);

// An origin that is not in use is forgotten: addresses come from users (webhooks), so their number has no bound of its
// own.
void ForgetUnused(Core& core, const Pool& pool) {
  if (!pool.connections.empty() || !pool.waiting.empty() || pool.connecting > 0) return;
  auto found = core.pools.find(pool.key);
  if (found != core.pools.end() && found->second.get() == &pool) core.pools.erase(found);
}

// Opens one connection and stays with it to its end.
Task<void> Keep(std::shared_ptr<Core> core, std::shared_ptr<Pool> pool) {
  auto connected = co_await Connect(core->shared, pool->origin);
  --pool->connecting;
  if (!connected.ok()) {
    if (pool->Usable() == 0 && pool->connecting == 0) {
      for (auto& call : std::exchange(pool->waiting, {})) {
        call->Fail(absl::UnavailableError(StrCat("cannot connect to ", pool->origin.host, ":", pool->origin.port, ": ",
                                                 ToStd(connected.status().message()), "; the request was not sent")));
      }
    }
    ForgetUnused(*core, *pool);
    co_return;
  }
  std::shared_ptr<ClientConnection> connection = *std::move(connected);
  if (core->closed) connection->Abort(absl::CancelledError("the client was closed"));
  pool->connections.push_back(connection);
  std::weak_ptr<Core> weak_core = core;
  std::weak_ptr<Pool> weak_pool = pool;
  auto told = std::make_shared<bool>(false);
  // Room is told from inside the protocol's calls; what waits is started after them.
  connection->on_room = [weak_core, weak_pool, told] {
    auto c = weak_core.lock();
    auto p = weak_pool.lock();
    if (c == nullptr || p == nullptr || p->waiting.empty() || std::exchange(*told, true)) return;
    c->shared->loop.Post([c, p, told] {
      *told = false;
      p->StartWaiting();
      OpenMore(c, p);
    });
  };
  pool->StartWaiting();
  OpenMore(core, pool);
  co_await connection->Run();
  std::erase(pool->connections, connection);
  connection->on_room = nullptr;
  ForgetUnused(*core, *pool);
}

void OpenMore(const std::shared_ptr<Core>& core, const std::shared_ptr<Pool>& pool) {
  if (core->closed) return;
  // An HTTP/1.1 origin is known by a connection that has no room beyond its one call; guess streams for what is not yet
  // known.
  size_t expected = static_cast<size_t>(pool->connecting) * kStreamsGuess;
  while (pool->waiting.size() > expected &&
         pool->Usable() + pool->connecting < core->shared->options.connections_max_per_origin) {
    ++pool->connecting;
    expected += kStreamsGuess;
    core->shared->loop.Spawn(Keep(core, pool));
  }
}

// Ends a call that takes too long to its head, wherever it is.
Loop::TimerId ArmHeaderTimeout(Loop& loop, const std::shared_ptr<Call>& call) {
  return loop.After(call->request.header_timeout, [weak = std::weak_ptr<Call>(call)] {
    auto c = weak.lock();
    if (c == nullptr || c->answered || !c->error.ok()) return;
    ClientConnection* connection = c->connection;
    bool sent = c->sent || c->head_sent;
    c->Fail(absl::DeadlineExceededError(sent ? "no answer in time; the request may have been processed"
                                             : "no connection in time; the request was not sent"));
    if (connection != nullptr) connection->Cancel(*c);
  });
}

Task<absl::StatusOr<ClientResponse>> Perform(std::shared_ptr<Core> core, Origin origin, ClientRequest request) {
  if (core->closed) co_return absl::CancelledError("the client was closed");
  if (absl::Status fields = CheckFields(request.headers); !fields.ok()) co_return fields;
  if (!IsToken(request.method) || request.target.empty() ||
      request.target.find_first_of(" \r\n\t") != std::string::npos) {
    co_return absl::InvalidArgumentError("malformed method or target");
  }
  std::string key = PoolKey(origin);
  std::shared_ptr<Pool>& slot = core->pools[key];
  if (slot == nullptr) slot = std::make_shared<Pool>(key, origin);
  std::shared_ptr<Pool> pool = slot;

  auto call = std::make_shared<Call>(std::move(request));
  call->authority = std::string(call->request.headers.Get("host"));
  if (call->authority.empty()) {
    call->authority = StrCat(origin.server_name.empty() ? origin.host : origin.server_name, ":", origin.port);
  }
  if (pool->waiting.size() >= core->shared->options.waiting_max_per_origin) {
    co_return absl::ResourceExhaustedError("too many requests wait for a connection; the request was not sent");
  }
  pool->waiting.push_back(call);
  pool->StartWaiting();
  OpenMore(core, pool);

  bool timed = call->request.header_timeout != absl::InfiniteDuration();
  Loop::TimerId timer = timed ? ArmHeaderTimeout(core->shared->loop, call) : 0;
  while (!call->answered && call->error.ok()) co_await call->wake.Wait();
  if (timed) core->shared->loop.Cancel(timer);
  if (!call->answered) co_return call->error;

  ClientResponse response;
  response.status = call->status;
  response.headers = std::move(call->headers);
  response.body = BodyPipe::NewReader(call->pipe);
  co_return response;
}

class ClientImpl final : public Client {
 public:
  ClientImpl(Loop& loop, ClientOptions options) : core_(std::make_shared<Core>(loop, options)) {}
  ~ClientImpl() override {
    if (core_->shared->loop.Here()) Close();
  }

  Task<absl::StatusOr<ClientResponse>> Do(Origin origin, ClientRequest request) override {
    return Perform(core_, std::move(origin), std::move(request));
  }

  void Close() override {
    core_->closed = true;
    for (auto& [key, pool] : core_->pools) {
      for (auto& call : std::exchange(pool->waiting, {})) call->Fail(absl::CancelledError("the client was closed"));
      for (auto& connection : pool->connections) connection->Abort(absl::CancelledError("the client was closed"));
    }
    core_->pools.clear();
  }

 private:
  std::shared_ptr<Core> core_;
};

}  // namespace

std::unique_ptr<Client> NewClient(Loop& loop, ClientOptions options) {
  return std::make_unique<ClientImpl>(loop, options);
}

}  // namespace atoll::http
