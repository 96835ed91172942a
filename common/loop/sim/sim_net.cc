#include "common/loop/sim/sim_net.h"

#include <algorithm>
#include <deque>

#include "common/base/strings.h"
#include "common/loop/sync.h"

namespace atoll {
namespace internal {

// One direction of a connection.
struct SimPipe {
  std::string bytes;
  bool ended = false;        // the writer closed
  bool reader_gone = false;  // the reader closed
  WakeUp readable, writable;
};

// Both ends keep it alive, and so do the coroutines that wait on it.
struct SimConnection {
  int port = 0;
  bool broken = false;
  bool frozen = false;  // partitioned
  SimPipe pipes[2];

  void WakeAll() {
    for (SimPipe& p : pipes) {
      p.readable.Set();
      p.writable.Set();
    }
  }
};

struct SimListenerState {
  bool closed = false;
  std::deque<std::unique_ptr<Stream>> backlog;
  WakeUp arrived;
};

namespace {

// One end's own state, shared with its waiting operations.
struct End {
  std::shared_ptr<SimConnection> connection;
  int out;
  bool closed = false;
  SimPipe& outgoing() { return connection->pipes[out]; }
  SimPipe& incoming() { return connection->pipes[1 - out]; }
};

absl::Status Closed() { return absl::CancelledError("the connection was closed here"); }

Task<absl::StatusOr<size_t>> ReadFrom(std::shared_ptr<End> end, char* buffer, size_t size_bytes) {
  while (true) {
    SimPipe& pipe = end->incoming();
    if (end->closed) co_return Closed();
    if (end->connection->broken) co_return absl::UnavailableError("reading: the connection broke");
    if (!end->connection->frozen) {
      if (!pipe.bytes.empty()) {
        size_t n = pipe.bytes.copy(buffer, size_bytes);
        pipe.bytes.erase(0, n);
        pipe.writable.Set();
        co_return n;
      }
      if (pipe.ended) co_return 0;
    }
    co_await pipe.readable.Wait();
  }
}

Task<absl::Status> WriteTo(std::shared_ptr<End> end, std::string_view bytes) {
  while (true) {
    SimPipe& pipe = end->outgoing();
    if (end->closed) co_return Closed();
    if (end->connection->broken || pipe.reader_gone) co_return absl::UnavailableError("writing: the connection broke");
    if (!end->connection->frozen) {
      size_t n = std::min(bytes.size(), SimNet::kBufferBytesMax - pipe.bytes.size());
      pipe.bytes.append(bytes.substr(0, n));
      bytes.remove_prefix(n);
      if (n > 0) pipe.readable.Set();
      if (bytes.empty()) co_return absl::OkStatus();
    }
    co_await pipe.writable.Wait();
  }
}

class SimStream final : public Stream {
 public:
  SimStream(std::shared_ptr<SimConnection> connection, int out, std::string peer)
      : end_(std::make_shared<End>(End{std::move(connection), out})), peer_(std::move(peer)) {}
  ~SimStream() override { Close(); }
  Task<absl::StatusOr<size_t>> Read(char* buffer, size_t size_bytes) override {
    return ReadFrom(end_, buffer, size_bytes);
  }
  Task<absl::Status> Write(std::string_view bytes) override { return WriteTo(end_, bytes); }
  void Close() override {
    if (std::exchange(end_->closed, true)) return;
    end_->outgoing().ended = true;
    end_->incoming().reader_gone = true;
    end_->connection->WakeAll();
  }
  std::string peer_address() const override { return peer_; }

 private:
  std::shared_ptr<End> end_;
  std::string peer_;
};

Task<absl::StatusOr<std::unique_ptr<Stream>>> AcceptFrom(std::shared_ptr<SimListenerState> state) {
  while (!state->closed) {
    if (!state->backlog.empty()) {
      auto stream = std::move(state->backlog.front());
      state->backlog.pop_front();
      co_return std::move(stream);
    }
    co_await state->arrived.Wait();
  }
  co_return absl::CancelledError("the listener was closed");
}

class SimListener final : public Listener {
 public:
  SimListener(std::shared_ptr<SimListenerState> state, int port) : state_(std::move(state)), port_(port) {}
  ~SimListener() override { Close(); }
  Task<absl::StatusOr<std::unique_ptr<Stream>>> Accept() override { return AcceptFrom(state_); }
  int port() const override { return port_; }
  void Close() override {
    state_->closed = true;
    state_->backlog.clear();
    state_->arrived.Set();
  }

 private:
  std::shared_ptr<SimListenerState> state_;
  int port_;
};

}  // namespace
}  // namespace internal

SimNet::~SimNet() = default;

absl::StatusOr<std::unique_ptr<Listener>> SimNet::Listen(const std::string& host, int port, bool share_port) {
  if (port < 0 || port > 65535) return absl::InvalidArgumentError(StrCat("cannot listen on port ", port));
  if (!host.empty() && host.find_first_not_of("0123456789abcdef.:[]") != std::string::npos && host != "localhost") {
    return absl::InvalidArgumentError(StrCat("cannot listen on \"", host, "\": not an IP address"));
  }
  if (port == 0) port = next_port_++;
  auto& here = listeners_[port];
  std::erase_if(here, [](const auto& l) { return l->closed; });
  if (!here.empty() && !share_port) {
    return absl::AlreadyExistsError(
        StrCat("cannot listen on ", host, ":", port, ": the port is in use by another process"));
  }
  auto state = std::make_shared<internal::SimListenerState>();
  here.push_back(state);
  return std::make_unique<internal::SimListener>(std::move(state), port);
}

Task<absl::StatusOr<std::unique_ptr<Stream>>> SimNet::Connect(std::string host, int port, absl::Duration timeout) {
  const absl::Duration deadline = loop_.clock().Monotonic() + timeout;
  co_await Yield();
  if (partitioned_.contains(port)) {
    co_await atoll::SleepFor(deadline - loop_.clock().Monotonic());
    co_return absl::DeadlineExceededError(
        StrCat("connecting to ", host, ":", port, ": no answer within ", absl::FormatDuration(timeout)));
  }
  auto& here = listeners_[port];
  std::erase_if(here, [](const auto& l) { return l->closed; });
  if (here.empty() || here.front()->backlog.size() >= kBacklogMax) {
    co_return absl::UnavailableError(StrCat("connecting to ", host, ":", port, ": Connection refused"));
  }
  auto connection = std::make_shared<internal::SimConnection>();
  connection->port = port;
  std::erase_if(connections_, [](const auto& c) { return c.expired(); });
  connections_.push_back(connection);
  here.front()->backlog.push_back(
      std::make_unique<internal::SimStream>(connection, 1, StrCat("127.0.0.1:", next_client_port_++)));
  here.front()->arrived.Set();
  std::rotate(here.begin(), here.begin() + 1, here.end());
  co_return std::make_unique<internal::SimStream>(connection, 0, StrCat(host, ":", port));
}

void SimNet::Partition(int port) {
  partitioned_.insert(port);
  for (auto& weak : connections_) {
    if (auto c = weak.lock(); c && c->port == port) c->frozen = true;
  }
}

void SimNet::Heal(int port) {
  partitioned_.erase(port);
  for (auto& weak : connections_) {
    if (auto c = weak.lock(); c && c->port == port) {
      c->frozen = false;
      c->WakeAll();
    }
  }
}

void SimNet::BreakConnections(int port) {
  for (auto& weak : connections_) {
    if (auto c = weak.lock(); c && c->port == port) {
      c->broken = true;
      c->WakeAll();
    }
  }
}

}  // namespace atoll
