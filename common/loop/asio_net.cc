#include "common/loop/asio_net.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/log/log.h"
#include "common/loop/sync.h"

namespace atoll::internal {
namespace {

namespace asio = boost::asio;
using Endpoint = asio::ip::tcp::endpoint;

// After so many operations in a row that did not have to wait, one waits for its turn: a busy peer must not keep the
// loop to itself.
constexpr int kImmediateMax = 16;
constexpr int kBacklog = 4096;
// How long Accept waits when the process is out of file descriptors or memory.
constexpr absl::Duration kAcceptBackOff = absl::Milliseconds(100);

std::string ErrnoText(int error) { return std::strerror(error); }

std::string EndpointText(const Endpoint& e) {
  std::string host = e.address().to_string();
  return e.address().is_v6() ? StrCat("[", host, "]:", e.port()) : StrCat(host, ":", e.port());
}

absl::Status Closed() { return absl::CancelledError("the connection was closed here"); }
absl::Status Lost(std::string_view what, int error) {
  return absl::UnavailableError(StrCat(what, ": ", ErrnoText(error)));
}

// A descriptor with one waiting reader and one waiting writer. Shared by the object that owns it and the coroutines
// that wait.
class Socket : public std::enable_shared_from_this<Socket> {
 public:
  Socket(asio::io_context& io, int fd) : descriptor_(io, fd), fd_(fd) {}

  int fd() const { return fd_; }
  bool closed() const { return closed_; }

  void Close() {
    if (std::exchange(closed_, true)) return;
    boost::system::error_code ignored;
    // Half of the time the peer still sends; shutdown lets it see an orderly end of what we sent.
    ::shutdown(fd_, SHUT_RDWR);
    descriptor_.close(ignored);  // waits that are pending are called back with an error, on the loop, later
  }

  // co_await Ready(): resumes once the direction is ready, or Closed. Destroying the waiting coroutine forgets it.
  struct Direction {
    bool registered = false;  // Asio holds a wait
    int immediate = 0;
    std::coroutine_handle<> waiter;
  };
  struct Ready {
    std::shared_ptr<Socket> socket;
    Direction& direction;
    asio::posix::stream_descriptor::wait_type type;
    bool waits = false;

    ~Ready() {
      if (waits) direction.waiter = {};
    }
    bool await_ready() const noexcept { return socket->closed_; }
    void await_suspend(std::coroutine_handle<> h) {
      DCHECK(!direction.waiter);
      direction.waiter = h;
      direction.immediate = 0;
      waits = true;
      if (std::exchange(direction.registered, true)) return;
      socket->descriptor_.async_wait(type, [s = socket, d = &direction](const boost::system::error_code&) {
        d->registered = false;
        if (d->waiter) std::exchange(d->waiter, {}).resume();
      });
    }
    void await_resume() noexcept { waits = false; }
  };
  Ready Readable() { return {shared_from_this(), read_, asio::posix::stream_descriptor::wait_read}; }
  Ready Writable() { return {shared_from_this(), write_, asio::posix::stream_descriptor::wait_write}; }

  // True when the last read filled its buffer: more is likely there.
  bool likely_readable = false;
  bool MayGoOn(Direction& d) { return ++d.immediate <= kImmediateMax; }
  Direction read_, write_;

 private:
  asio::posix::stream_descriptor descriptor_;
  int fd_;
  bool closed_ = false;
};

// The coroutines take the socket by value: the stream may be destroyed while they wait.

Task<absl::StatusOr<size_t>> ReadFrom(std::shared_ptr<Socket> socket, char* buffer, size_t size_bytes) {
  if (!socket->closed() && !socket->MayGoOn(socket->read_)) co_await socket->Readable();
  while (true) {
    if (socket->closed()) co_return Closed();
    ssize_t n = ::recv(socket->fd(), buffer, size_bytes, 0);
    if (n >= 0) {
      socket->likely_readable = static_cast<size_t>(n) == size_bytes;
      co_return static_cast<size_t>(n);
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) co_return Lost("reading", errno);
    co_await socket->Readable();
  }
}

Task<void> WaitReadableOn(std::shared_ptr<Socket> socket) {
  if (!std::exchange(socket->likely_readable, false)) co_await socket->Readable();
}

Task<absl::Status> WriteTo(std::shared_ptr<Socket> socket, std::string_view bytes) {
  if (!socket->closed() && !socket->MayGoOn(socket->write_)) co_await socket->Writable();
  while (true) {
    if (socket->closed()) co_return Closed();
    ssize_t n = ::send(socket->fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n >= 0) {
      bytes.remove_prefix(static_cast<size_t>(n));
      if (bytes.empty()) co_return absl::OkStatus();
    } else if (errno == EINTR) {
      continue;
    } else if (errno != EAGAIN && errno != EWOULDBLOCK) {
      co_return Lost("writing", errno);
    }
    co_await socket->Writable();
  }
}

class AsioStream final : public Stream {
 public:
  AsioStream(std::shared_ptr<Socket> socket, std::string peer) : socket_(std::move(socket)), peer_(std::move(peer)) {
    int one = 1;
    ::setsockopt(socket_->fd(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    ::setsockopt(socket_->fd(), SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
  }
  ~AsioStream() override { socket_->Close(); }

  Task<absl::StatusOr<size_t>> Read(char* buffer, size_t size_bytes) override {
    return ReadFrom(socket_, buffer, size_bytes);
  }
  Task<void> WaitReadable() override { return WaitReadableOn(socket_); }
  Task<absl::Status> Write(std::string_view bytes) override { return WriteTo(socket_, bytes); }
  void Close() override { socket_->Close(); }
  std::string peer_address() const override { return peer_; }

 private:
  std::shared_ptr<Socket> socket_;
  std::string peer_;
};

Task<absl::StatusOr<std::unique_ptr<Stream>>> AcceptFrom(asio::io_context* io, std::shared_ptr<Socket> socket) {
  while (true) {
    if (socket->closed()) co_return absl::CancelledError("the listener was closed");
    Endpoint peer;
    auto size = static_cast<socklen_t>(peer.capacity());
    int fd = ::accept4(socket->fd(), peer.data(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      peer.resize(size);
      auto accepted = std::make_shared<Socket>(*io, fd);
      co_return std::make_unique<AsioStream>(std::move(accepted), EndpointText(peer));
    }
    switch (errno) {
      case EAGAIN:
        co_await socket->Readable();
        break;
      case EMFILE:
      case ENFILE:
      case ENOBUFS:
      case ENOMEM:
        LOG_WARNING("loop", "cannot accept a connection", {{"reason", ErrnoText(errno)}});
        co_await atoll::SleepFor(kAcceptBackOff);
        break;
      default:  // the connection's trouble, not ours: accept(2), "Error handling"
        break;
    }
  }
}

class AsioListener final : public Listener {
 public:
  AsioListener(asio::io_context& io, std::shared_ptr<Socket> socket, int port)
      : io_(io), socket_(std::move(socket)), port_(port) {}
  ~AsioListener() override { socket_->Close(); }
  Task<absl::StatusOr<std::unique_ptr<Stream>>> Accept() override { return AcceptFrom(&io_, socket_); }
  int port() const override { return port_; }
  void Close() override { socket_->Close(); }

 private:
  asio::io_context& io_;
  std::shared_ptr<Socket> socket_;
  int port_;
};

// The address of `host`, which is a number or "localhost" or "" (all).
absl::StatusOr<asio::ip::address> BindAddress(const std::string& host) {
  if (host.empty()) return asio::ip::address(asio::ip::address_v6::any());
  if (host == "localhost") return asio::ip::address(asio::ip::address_v4::loopback());
  boost::system::error_code error;
  std::string bare = absl::StartsWith(host, "[") && absl::EndsWith(host, "]") ? host.substr(1, host.size() - 2) : host;
  auto address = asio::ip::make_address(bare, error);
  if (error) return absl::InvalidArgumentError(StrCat("cannot listen on \"", host, "\": not an IP address"));
  return address;
}

absl::Status BindError(const Endpoint& at, int error) {
  std::string text = StrCat("cannot listen on ", EndpointText(at), ": ");
  switch (error) {
    case EADDRINUSE:
      return absl::AlreadyExistsError(StrCat(text, "the port is in use by another process"));
    case EACCES:
    case EPERM:
      return absl::PermissionDeniedError(StrCat(text, ErrnoText(error)));
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
      return absl::InvalidArgumentError(StrCat(text, ErrnoText(error)));
    default:
      return absl::UnavailableError(StrCat(text, ErrnoText(error)));
  }
}

// One attempt: a deadline shared by all attempts closes what waits.
struct Attempt {
  std::shared_ptr<Socket> socket;
  bool timed_out = false;
  std::function<void()> on_timeout;
};

Task<absl::StatusOr<std::unique_ptr<Stream>>> ConnectTo(asio::io_context* io, Endpoint endpoint, Attempt* attempt) {
  int fd = ::socket(endpoint.protocol().family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) co_return Lost("creating a socket", errno);
  auto socket = std::make_shared<Socket>(*io, fd);
  auto result = std::make_unique<AsioStream>(socket, EndpointText(endpoint));
  if (::connect(fd, endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0) {
    if (errno != EINPROGRESS) co_return Lost(StrCat("connecting to ", EndpointText(endpoint)), errno);
    attempt->socket = socket;
    co_await socket->Writable();
    attempt->socket = nullptr;
    if (socket->closed()) co_return Closed();
    int error = 0;
    socklen_t size = sizeof(error);
    ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) co_return Lost(StrCat("connecting to ", EndpointText(endpoint)), error);
  }
  co_return result;
}

class AsioNet final : public Net {
 public:
  AsioNet(Loop& loop, asio::io_context& io) : loop_(loop), io_(io) {}

  absl::StatusOr<std::unique_ptr<Listener>> Listen(const std::string& host, int port, bool share_port) override {
    loop_.AssertHere();
    ASSIGN_OR_RETURN(asio::ip::address address, BindAddress(host));
    if (port < 0 || port > 65535) return absl::InvalidArgumentError(StrCat("cannot listen on port ", port));
    Endpoint at(address, static_cast<unsigned short>(port));
    int fd = ::socket(at.protocol().family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 && errno == EAFNOSUPPORT && host.empty()) {  // a machine without IPv6
      at = Endpoint(asio::ip::address_v4::any(), at.port());
      fd = ::socket(at.protocol().family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    }
    if (fd < 0) return BindError(at, errno);
    auto socket = std::make_shared<Socket>(io_, fd);
    int one = 1, zero = 0;
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (share_port) ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
    if (at.address().is_v6()) ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof(zero));
    if (::bind(fd, at.data(), static_cast<socklen_t>(at.size())) != 0 || ::listen(fd, kBacklog) != 0) {
      int error = errno;
      socket->Close();
      return BindError(at, error);
    }
    auto size = static_cast<socklen_t>(at.capacity());
    ::getsockname(fd, at.data(), &size);
    return std::make_unique<AsioListener>(io_, std::move(socket), at.port());
  }

  Task<absl::StatusOr<std::unique_ptr<Stream>>> Connect(std::string host, int port, absl::Duration timeout) override {
    loop_.AssertHere();
    Attempt attempt;
    Timer timer(loop_, timeout, &attempt);
    auto endpoints = co_await Resolve(host, port, &attempt);
    absl::Status last = endpoints.status();
    for (size_t i = 0; endpoints.ok() && i < endpoints->size() && !attempt.timed_out; ++i) {
      auto stream = co_await ConnectTo(&io_, (*endpoints)[i], &attempt);
      if (stream.ok()) co_return std::move(stream);
      last = stream.status();
    }
    if (attempt.timed_out) {
      co_return absl::DeadlineExceededError(
          StrCat("connecting to ", host, ":", port, ": no answer within ", absl::FormatDuration(timeout)));
    }
    co_return last;
  }

 private:
  // Ends an attempt that takes too long. Lives in the coroutine's frame, as the attempt does.
  class Timer {
   public:
    Timer(Loop& loop, absl::Duration timeout, Attempt* attempt) : loop_(loop) {
      id_ = loop.After(timeout, [attempt] {
        attempt->timed_out = true;
        if (attempt->socket) attempt->socket->Close();
        if (attempt->on_timeout) attempt->on_timeout();
      });
    }
    ~Timer() { loop_.Cancel(id_); }

   private:
    Loop& loop_;
    Loop::TimerId id_;
  };

  Task<absl::StatusOr<std::vector<Endpoint>>> Resolve(std::string host, int port, Attempt* attempt) {
    if (port <= 0 || port > 65535) co_return absl::UnavailableError(StrCat("cannot connect to port ", port));
    if (auto address = BindAddress(host); address.ok() && !host.empty()) {
      co_return std::vector<Endpoint>{Endpoint(*address, static_cast<unsigned short>(port))};
    }
    // Asio asks getaddrinfo on a thread of its own; the answer comes back on the loop.
    using Answer = absl::StatusOr<std::vector<Endpoint>>;
    Completion<Answer> done;
    auto resolver = std::make_shared<asio::ip::tcp::resolver>(io_);
    resolver->async_resolve(host, std::to_string(port),
                            [done, resolver, host](const boost::system::error_code& error, const auto& results) {
                              if (error) {
                                done.Set(absl::UnavailableError(StrCat("looking up ", host, ": ", error.message())));
                                return;
                              }
                              std::vector<Endpoint> endpoints;
                              for (const auto& r : results) endpoints.push_back(r.endpoint());
                              done.Set(std::move(endpoints));
                            });
    attempt->on_timeout = [done] { done.Set(absl::DeadlineExceededError("no answer from the name service")); };
    auto answer = co_await done.Wait();
    attempt->on_timeout = nullptr;
    co_return std::move(answer);
  }

  Loop& loop_;
  asio::io_context& io_;
};

}  // namespace

std::unique_ptr<Net> NewAsioNet(Loop& loop, asio::io_context& io) { return std::make_unique<AsioNet>(loop, io); }

}  // namespace atoll::internal
