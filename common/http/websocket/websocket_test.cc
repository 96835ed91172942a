// The handshake's table, and a session over a real upgraded connection on the simulated loop.
#include <catch2/catch.hpp>
#include <optional>

#include "common/base/strings.h"
#include "common/http/server.h"
#include "common/http/websocket/handshake.h"
#include "common/http/websocket/session.h"
#include "common/loop/sim/sim_loop.h"

namespace atoll::http::websocket {
namespace {

using namespace std::string_literals;

TEST_CASE("Handshakes", "[http][websocket]") {
  struct Case {
    const char* name;
    Headers::Field change;  // of a good request; an empty value removes
    int status;
    const char* protocol;
    int http_major = 1;
  };
  const std::vector<Case> cases = {
      {"good", {"x", "y"}, 101, ""},
      {"one protocol", {"sec-websocket-protocol", "base64.binary.k8s.io"}, 101, "base64.binary.k8s.io"},
      {"any protocol", {"sec-websocket-protocol", "zzz"}, 101, "zzz"},
      {"two protocols", {"sec-websocket-protocol", "a, b"}, 400, ""},
      {"a token and a protocol", {"sec-websocket-protocol", "base64url.bearer.authorization.k8s.io.QQ, a"}, 101, "a"},
      {"a token alone", {"sec-websocket-protocol", "base64url.bearer.authorization.k8s.io.QQ"}, 101, ""},
      {"a protocol that is no token", {"sec-websocket-protocol", "a b"}, 400, ""},
      {"no origin", {"origin", ""}, 403, ""},
      {"null origin", {"origin", "null"}, 403, ""},
      {"an origin that is no URL", {"origin", "zzz"}, 403, ""},
      {"no version", {"sec-websocket-version", ""}, 400, ""},
      {"an old version", {"sec-websocket-version", "8"}, 400, ""},
      {"no key", {"sec-websocket-key", ""}, 400, ""},
      {"a short key", {"sec-websocket-key", "QQ=="}, 400, ""},
      {"no key on HTTP/2", {"sec-websocket-key", ""}, 101, "", 2},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      Request request;
      request.http_major = c.http_major;
      request.headers.Add("origin", "https://example.com");
      request.headers.Add("sec-websocket-version", "13");
      request.headers.Add("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
      if (c.change.second.empty()) {
        request.headers.Remove(c.change.first);
      } else {
        request.headers.Set(c.change.first, c.change.second);
      }
      Answer answer = Accept(request);
      CHECK(answer.status == c.status);
      CHECK(answer.headers.Get("sec-websocket-protocol") == c.protocol);
      if (c.status == 101 && c.http_major == 1)
        CHECK(answer.headers.Get("sec-websocket-accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
      if (request.headers.Get("sec-websocket-version") == "8")
        CHECK(answer.headers.Get("sec-websocket-version") == "13");
    }
  }
}

// Sends `greeting`, then only what the session has to say, until it is over.
Task<void> Serve(Loop* loop, Request request, ResponseWriter& out) {
  Answer answer = Accept(request);
  if (!(co_await out.Upgrade(request, std::move(answer.headers))).ok()) co_return;
  WakeUp wake;
  Session session(*loop, request, [&wake] { wake.Set(); });
  std::string text;
  AppendFrame(Opcode::kText, "hello", &text);
  while (!session.over()) {
    if (!text.empty() && !(co_await out.Write(text)).ok()) co_return;
    text.clear();
    Loop::TimerId timer = loop->After(session.Wait(loop->clock().Monotonic()), [&wake] { wake.Set(); });
    co_await wake.Wait();
    loop->Cancel(timer);
    session.AppendReplies(loop->clock().Monotonic(), &text);
  }
  session.AppendFarewell(kNormal, &text);
  if (!(co_await out.Write(text)).ok()) co_return;
  (void)co_await out.End();
}

struct Peer {
  std::unique_ptr<Stream> stream;
  std::string got;
  bool closed = false;
};

Task<void> Connect(SimLoop* loop, int port, std::shared_ptr<Peer> peer, std::string send) {
  auto stream = co_await loop->net().Connect("localhost", port, absl::Seconds(1));
  REQUIRE(stream.ok());
  peer->stream = *std::move(stream);
  (void)co_await peer->stream->Write(send);
  char buffer[1024];
  for (;;) {
    auto n = co_await peer->stream->Read(buffer, sizeof buffer);
    if (!n.ok() || *n == 0) break;
    peer->got.append(buffer, *n);
  }
  peer->closed = true;
}

Task<void> Say(std::shared_ptr<Peer> peer, std::string text) { (void)co_await peer->stream->Write(text); }

Task<void> Start(Server* server) {
  REQUIRE(server->Start().ok());
  co_return;
}

TEST_CASE("A session answers pings, asks the silent, and ends with its peer", "[http][websocket]") {
  SimLoop loop;
  auto server =
      NewServer(loop, nullptr, {}, [&loop](Request r, ResponseWriter& out) { return Serve(&loop, std::move(r), out); });
  loop.RunBlocking(Start(server.get()));
  auto peer = std::make_shared<Peer>();
  loop.Spawn(Connect(&loop, server->port(), peer,
                     "GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nOrigin: https://o\r\n"
                     "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));
  loop.RunUntilIdle();
  auto take = [&] {
    loop.RunUntilIdle();
    return std::exchange(peer->got, {});
  };
  CHECK(take().ends_with("\r\n\r\n\x81\x05hello"));
  const std::string mask(4, '\0');
  loop.Spawn(Say(peer, "\x89\x82"s + mask + "hi"));
  CHECK(take() == "\x8a\x02hi");

  SECTION("the peer closes") {
    loop.Spawn(Say(peer, "\x88\x82"s + mask + "\x03\xe9"));
    CHECK(take() == "\x88\x02\x03\xe9");
  }
  SECTION("the peer does not mask") {
    loop.Spawn(Say(peer, "\x81\x01x"));
    CHECK(take() == "\x88\x02\x03\xea");
  }
  SECTION("the peer is silent, answers once, and no more") {
    loop.Advance(absl::Seconds(31));
    CHECK(take() == "\x89\x00"s);
    loop.Spawn(Say(peer, "\x8a\x80"s + mask));
    loop.Advance(absl::Seconds(31));
    CHECK(take() == "\x89\x00"s);
    loop.Advance(absl::Seconds(31));
    CHECK(take().empty());
  }
  loop.Advance(absl::Seconds(3));
  CHECK(peer->closed);
}

}  // namespace
}  // namespace atoll::http::websocket
