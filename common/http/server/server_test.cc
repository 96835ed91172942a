// The server and the client against each other and against hand-made peers, on the simulated loop: time-outs in virtual
// time.
#include "common/http/server.h"

#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <optional>

#include "common/base/strings.h"
#include "common/http/client.h"
#include "common/loop/sim/sim_loop.h"

namespace atoll::http {
namespace {

struct World {
  explicit World(Handler handler, ServerOptions options = {}, ClientOptions client_options = {})
      : server(NewServer(loop, nullptr, options, std::move(handler))), client(NewClient(loop, client_options)) {
    loop.RunBlocking(Begin(server.get()));
  }
  ~World() {
    loop.RunBlocking(End(this));
    loop.RunUntilIdle();
  }
  static Task<void> Begin(Server* server) {
    CHECK_OK(server->Start());
    co_return;
  }
  static Task<void> End(World* w) {
    w->client->Close();
    co_await w->server->Drain(absl::ZeroDuration());
  }
  // Does `fn` on the loop, and all that follows from it.
  void On(std::function<void()> fn) {
    loop.Post(std::move(fn));
    loop.RunUntilIdle();
  }
  Origin origin() const { return {.host = "localhost", .port = server->port()}; }

  SimLoop loop;
  std::unique_ptr<Server> server;
  std::unique_ptr<Client> client;
};

struct Result {
  absl::Status status = absl::UnknownError("not ended");
  int code = 0;
  std::string body;
  Headers headers;
};

Task<void> Fetch(World* w, ClientRequest request, Result* result) {
  auto response = co_await w->client->Do(w->origin(), std::move(request));
  result->status = response.status();
  if (!response.ok()) co_return;
  result->code = response->status;
  result->headers = response->headers;
  auto body = co_await response->body->ReadAll(1 << 30);
  result->status = body.status();
  if (body.ok()) result->body = *std::move(body);
}

// What a peer that is no client of ours gets, until the server closes. Shared with the task that reads, which may
// outlive the test's scope.
struct RawResult {
  std::string got;
  bool closed = false;
};

Task<void> Raw(World* w, std::string send, std::shared_ptr<RawResult> result) {
  auto stream = co_await w->loop.net().Connect("localhost", w->server->port(), absl::Seconds(1));
  CHECK_OK(stream);
  absl::Status written = co_await (*stream)->Write(send);
  char buffer[4096];
  while (written.ok()) {
    auto n = co_await (*stream)->Read(buffer, sizeof buffer);
    if (!n.ok() || *n == 0) break;
    result->got.append(buffer, *n);
  }
  result->closed = true;
}
struct RawPeer {
  std::shared_ptr<RawResult> result = std::make_shared<RawResult>();
  const std::string& got = result->got;
  const bool& closed = result->closed;
  RawPeer(World& w, std::string send) {
    w.loop.Spawn(Raw(&w, std::move(send), result));
    w.loop.RunUntilIdle();
  }
  size_t Count(std::string_view what) const {
    size_t n = 0;
    for (size_t at = got.find(what); at != std::string::npos; at = got.find(what, at + 1)) ++n;
    return n;
  }
};

// A body of `left` bytes, made as it is read.
class PatternBody final : public Body {
 public:
  explicit PatternBody(size_t bytes) : left_(bytes) {}
  Task<absl::StatusOr<std::string>> Next() override {
    size_t n = std::min<size_t>(left_, 10'000);
    left_ -= n;
    co_return std::string(n, 'p');
  }

 private:
  size_t left_;
};

Task<void> Echo(Request request, ResponseWriter& out) {
  Headers headers;
  headers.Add("x-path", request.path());
  headers.Add("x-major", StrCat(request.http_major));
  (void)co_await out.Start(200, std::move(headers));
  for (;;) {
    auto piece = co_await request.body->Next();
    if (!piece.ok() || piece->empty()) break;
    absl::Status written = co_await out.Write(*piece);
    if (!written.ok()) co_return;
  }
  (void)co_await out.End();
}

Task<void> Hello(Request request, ResponseWriter& out) {
  (void)co_await out.Send(200, {}, StrCat("hello ", request.target));
}

// A handler that waits until the test lets it go on, or the peer leaves.
struct Gate {
  int entered = 0, cancelled = 0, left = 0;
  bool open = false;
  std::vector<WakeUp*> waiting;
  void Open() {
    open = true;
    for (WakeUp* w : waiting) w->Set();
  }
  static Task<void> Handle(Gate* gate, ResponseWriter& out) {
    ++gate->entered;
    WakeUp wake;
    gate->waiting.push_back(&wake);
    uint64_t id = out.cancellation().OnCancel([&wake] { wake.Set(); });
    while (!gate->open && !out.cancellation().cancelled()) co_await wake.Wait();
    std::erase(gate->waiting, &wake);
    if (out.cancellation().cancelled()) {
      ++gate->cancelled;
    } else {
      out.cancellation().Forget(id);
      (void)co_await out.Send(200, {}, "done");
    }
    ++gate->left;
  }
  Handler handler() {
    return [this](Request, ResponseWriter& out) { return Handle(this, out); };
  }
};

TEST_CASE("Bodies stream through both ways", "[http][server]") {
  World w(Echo);
  for (size_t size : {size_t{0}, size_t{1}, size_t{100'000}, size_t{3'000'000}}) {
    Result streamed, whole;
    ClientRequest a{.method = "POST", .target = "/a?b", .body_stream = std::make_unique<PatternBody>(size)};
    ClientRequest b{.method = "POST", .target = "/a?b", .body = std::string(size, 'p')};
    w.loop.RunBlocking(Fetch(&w, std::move(a), &streamed));
    w.loop.RunBlocking(Fetch(&w, std::move(b), &whole));
    for (const Result& r : {streamed, whole}) {
      REQUIRE(r.status.ok());
      CHECK(r.code == 200);
      CHECK(r.headers.Get("x-path") == "/a");
      CHECK(r.headers.Get("x-major") == "2");
      CHECK(r.body == std::string(size, 'p'));
    }
  }
  CHECK(w.server->stats().connections_total == 1);
}

TEST_CASE("More calls than streams wait their turn or take another connection", "[http][server]") {
  World w(Hello, {.streams_max = 10}, {.connections_max_per_origin = 2});
  std::vector<Result> results(500);
  for (size_t i = 0; i < results.size(); ++i) {
    w.loop.Spawn(Fetch(&w, {.target = StrCat("/", i)}, &results[i]));
  }
  w.loop.RunUntilIdle();
  for (size_t i = 0; i < results.size(); ++i) {
    REQUIRE(results[i].status.ok());
    CHECK(results[i].body == StrCat("hello /", i));
  }
  CHECK(w.server->stats().connections_total <= 2);
}

Task<void> HoldBody(Request request, WakeUp* go, ResponseWriter& out, size_t* read) {
  co_await go->Wait();
  for (;;) {
    auto piece = co_await request.body->Next();
    if (!piece.ok() || piece->empty()) break;
    *read += piece->size();
  }
  (void)co_await out.Send(200, {}, "");
}

class CountedBody final : public Body {
 public:
  CountedBody(size_t bytes, size_t* given) : left_(bytes), given_(given) {}
  Task<absl::StatusOr<std::string>> Next() override {
    size_t n = std::min<size_t>(left_, 16'384);
    left_ -= n;
    *given_ += n;
    co_return std::string(n, 'c');
  }

 private:
  size_t left_;
  size_t* given_;
};

TEST_CASE("An upload nobody reads stops at the windows", "[http][server]") {
  WakeUp go;
  size_t read = 0, given = 0;
  World w([&](Request r, ResponseWriter& out) { return HoldBody(std::move(r), &go, out, &read); });
  Result result;
  w.loop.Spawn(
      Fetch(&w, {.method = "PUT", .body_stream = std::make_unique<CountedBody>(100'000'000, &given)}, &result));
  w.loop.RunUntilIdle();
  CHECK(read == 0);
  CHECK(given < 600 * 1024);  // stream window, send queue, one write and the network's buffers
  w.On([&] { go.Set(); });
  CHECK(read == 100'000'000);
  CHECK(result.code == 200);
}

TEST_CASE("An answer does not wait for its request, which then stops at the windows", "[http][server]") {
  size_t given = 0;
  World w(Hello);
  for (const size_t size : {size_t{10}, size_t{100'000'000}}) {
    Result result;
    w.loop.Spawn(Fetch(&w, {.method = "PUT", .body_stream = std::make_unique<CountedBody>(size, &given)}, &result));
    w.loop.RunUntilIdle();
    CHECK(result.code == 200);
    w.loop.Advance(absl::Seconds(5));
    CHECK(given < 600 * 1024);
  }
}

Task<void> WriteMuch(ResponseWriter& out, size_t* written, absl::Status* end) {
  (void)co_await out.Start(200, {});
  std::string piece(10'000, 'w');
  for (int i = 0; i < 10'000; ++i) {
    *end = co_await out.Write(piece);
    if (!end->ok()) co_return;
    *written += piece.size();
  }
  (void)co_await out.End();
}

Task<void> OpenOnly(World* w, std::optional<ClientResponse>* kept) {
  auto response = co_await w->client->Do(w->origin(), {});
  if (response.ok()) kept->emplace(*std::move(response));
}

TEST_CASE("A download nobody reads suspends its writer only; dropping it tells the writer", "[http][server]") {
  size_t written = 0;
  absl::Status end;
  bool first = true;
  World w([&](Request r, ResponseWriter& out) {
    return std::exchange(first, false) ? WriteMuch(out, &written, &end) : Hello(std::move(r), out);
  });
  std::optional<ClientResponse> kept;
  w.loop.Spawn(OpenOnly(&w, &kept));
  w.loop.RunUntilIdle();
  REQUIRE(kept.has_value());
  CHECK(written < 600 * 1024);
  Result other;
  w.loop.RunBlocking(Fetch(&w, {.target = "/o"}, &other));
  CHECK(other.body == "hello /o");
  w.On([&] { kept.reset(); });
  CHECK(absl::IsCancelled(end));
  CHECK(w.server->stats().connections_open == 1);
}

// Starts an answer and says nothing more until its peer leaves.
Task<void> StaySilent(ResponseWriter& out, bool* told) {
  WakeUp wake;
  out.cancellation().OnCancel([&wake] { wake.Set(); });
  (void)co_await out.Start(200, {});
  while (!out.cancellation().cancelled()) co_await wake.Wait();
  *told = true;
}

Task<void> NextPiece(Body* body, absl::StatusOr<std::string>* piece) { *piece = co_await body->Next(); }

TEST_CASE("A body that is given up ends its reader's wait, its stream and the sender's work", "[http][client]") {
  for (bool silent : {true, false}) {
    DYNAMIC_SECTION((silent ? "the sender is silent" : "the sender has more than the window")) {
      bool told = false, first = true;
      size_t written = 0;
      absl::Status end;
      World w([&](Request r, ResponseWriter& out) {
        if (!std::exchange(first, false)) return Hello(std::move(r), out);
        return silent ? StaySilent(out, &told) : WriteMuch(out, &written, &end);
      });
      std::optional<ClientResponse> kept;
      w.loop.Spawn(OpenOnly(&w, &kept));
      w.loop.RunUntilIdle();
      REQUIRE(kept.has_value());
      absl::StatusOr<std::string> piece = absl::UnknownError("waits"), later = piece;
      if (silent) {
        w.loop.Spawn(NextPiece(kept->body.get(), &piece));
        w.loop.RunUntilIdle();
        CHECK(piece.status().message() == "waits");
      }
      w.On([&] { kept->body->Cancel(); });
      if (silent) CHECK(absl::IsCancelled(piece.status()));
      CHECK((silent ? told : absl::IsCancelled(end)));
      // What had arrived is gone, too, and the connection serves others.
      w.loop.RunBlocking(NextPiece(kept->body.get(), &later));
      CHECK(absl::IsCancelled(later.status()));
      Result other;
      w.loop.RunBlocking(Fetch(&w, {.target = "/o"}, &other));
      CHECK(other.body == "hello /o");
      CHECK(w.server->stats().connections_total == 1);
    }
  }
}

// Answers in another protocol: what it hears, in capitals.
Task<void> Shout(Request request, ResponseWriter& out) {
  if (request.upgrade != "shout") co_return co_await Hello(std::move(request), out);
  Headers headers;
  headers.Add("x-extra", "1");
  if (absl::Status s = co_await out.Upgrade(request, std::move(headers)); !s.ok()) co_return;
  for (;;) {
    auto piece = co_await request.body->Next();
    if (!piece.ok() || piece->empty()) break;
    for (char& c : *piece) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
    if (!(co_await out.Write(*piece)).ok()) co_return;
    if (piece->find("BYE") != std::string::npos) break;
  }
  (void)co_await out.End();
}

TEST_CASE("Another protocol on an HTTP/1.1 connection", "[http][server]") {
  const std::string ask = "GET /s HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, Upgrade\r\nUpgrade: Shout\r\n\r\n";
  World w(Shout);
  RawPeer said(w, ask + "hello, bye");
  CHECK(said.got ==
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: Shout\r\nconnection: Upgrade\r\nx-extra: 1\r\n\r\nHELLO, BYE");
  w.loop.Advance(absl::Seconds(3));
  CHECK(said.closed);
  // Not asked for properly: an ordinary request.
  for (const char* headers :
       {"Upgrade: shout\r\n", "Connection: close\r\nUpgrade: shout\r\n", "Connection: upgrade\r\n",
        "Connection: upgrade\r\nUpgrade: shout\r\nContent-Length: 3\r\n"}) {
    RawPeer other(w, StrCat("GET /s HTTP/1.1\r\nHost: h\r\n", headers, "\r\nabc"));
    CHECK(other.got.starts_with("HTTP/1.1 200 OK\r\n"));
  }
}

// Says its words one by one, each when the last has been answered.
class WordsBody final : public Body {
 public:
  explicit WordsBody(WakeUp* go) : go_(go) {}
  Task<absl::StatusOr<std::string>> Next() override {
    if (said_++ > 0) co_await go_->Wait();
    co_return said_ == 1 ? std::string("one") : std::string("bye");
  }

 private:
  WakeUp* go_;
  int said_ = 0;
};

Task<void> Converse(World* w, WakeUp* go, Result* result) {
  ClientRequest request{.target = "/s", .upgrade = "shout", .body_stream = std::make_unique<WordsBody>(go)};
  auto response = co_await w->client->Do(w->origin(), std::move(request));
  result->status = response.status();
  if (!response.ok()) co_return;
  result->code = response->status;
  for (;;) {
    auto piece = co_await response->body->Next();
    if (!piece.ok() || piece->empty()) break;
    result->body += *piece;
    go->Set();
  }
}

TEST_CASE("Another protocol on an HTTP/2 stream", "[http][server]") {
  World w(Shout);
  WakeUp go;
  Result result, other;
  w.loop.RunBlocking(Converse(&w, &go, &result));
  CHECK(result.code == 200);
  CHECK(result.body == "ONEBYE");
  w.loop.RunBlocking(Fetch(&w, {.target = "/o"}, &other));
  CHECK(other.body == "hello /o");
  CHECK(w.server->stats().connections_total == 1);
}

TEST_CASE("A peer that leaves cancels its handlers", "[http][server]") {
  Gate gate;
  World w(gate.handler());
  Result result;
  w.loop.Spawn(Fetch(&w, {}, &result));
  w.loop.RunUntilIdle();
  CHECK(gate.entered == 1);
  w.On([&] { w.loop.net().BreakConnections(w.server->port()); });
  w.loop.RunUntilIdle();
  CHECK(gate.cancelled == 1);
  CHECK(absl::IsUnavailable(result.status));
  CHECK(std::string(result.status.message()).find("may have been processed") != std::string::npos);
}

TEST_CASE("Header time-out of a call resets its stream", "[http][server]") {
  Gate gate;
  World w(gate.handler());
  Result result;
  w.loop.Spawn(Fetch(&w, {.header_timeout = absl::Seconds(3)}, &result));
  w.loop.Advance(absl::Seconds(4));
  CHECK(absl::IsDeadlineExceeded(result.status));
  CHECK(gate.cancelled == 1);
}

TEST_CASE("Drain lets running requests end, refuses new ones, and cancels at the end of its grace", "[http][server]") {
  for (bool in_time : {true, false}) {
    DYNAMIC_SECTION(in_time) {
      Gate gate;
      World w(gate.handler());
      Result running, late;
      w.loop.Spawn(Fetch(&w, {}, &running));
      w.loop.RunUntilIdle();
      bool drained = false;
      struct Run {
        static Task<void> Drain(Server* s, bool* done) {
          co_await s->Drain(absl::Seconds(10));
          *done = true;
        }
      };
      w.loop.Spawn(Run::Drain(w.server.get(), &drained));
      w.loop.RunUntilIdle();
      CHECK(!drained);
      w.loop.RunBlocking(Fetch(&w, {}, &late));
      CHECK(absl::IsUnavailable(late.status));
      CHECK(std::string(late.status.message()).find("was not sent") != std::string::npos);
      if (in_time) w.On([&] { gate.Open(); });
      w.loop.Advance(absl::Seconds(11));
      CHECK(drained);
      CHECK(running.status.ok() == in_time);
      CHECK(gate.left == 1);
      CHECK(w.server->stats().connections_open == 0);
    }
  }
}

TEST_CASE("Idle connections end, busy ones that answer pings stay", "[http][server]") {
  Gate gate;
  World w(gate.handler(), {.idle_timeout = absl::Seconds(20)},
          {.idle_timeout = absl::Hours(1), .ping_interval = absl::Hours(1)});
  Result result;
  w.loop.Spawn(Fetch(&w, {.header_timeout = absl::InfiniteDuration()}, &result));
  w.loop.Advance(absl::Minutes(5));
  CHECK(w.server->stats().connections_open == 1);
  CHECK(gate.cancelled == 0);
  w.On([&] { gate.Open(); });
  CHECK(result.body == "done");
  w.loop.Advance(absl::Minutes(1));
  CHECK(w.server->stats().connections_open == 0);
}

TEST_CASE("A peer that vanished is noticed by both sides", "[http][server]") {
  Gate gate;
  World w(gate.handler(), {.idle_timeout = absl::Seconds(20)}, {.ping_interval = absl::Seconds(5)});
  Result result;
  w.loop.Spawn(Fetch(&w, {.header_timeout = absl::InfiniteDuration()}, &result));
  w.loop.RunUntilIdle();
  w.On([&] { w.loop.net().Partition(w.server->port()); });
  w.loop.Advance(absl::Minutes(2));
  CHECK(absl::IsUnavailable(result.status));
  CHECK(gate.cancelled == 1);
  w.On([&] { w.loop.net().Heal(w.server->port()); });
}

TEST_CASE("A handler that gives no answer, or half of one", "[http][server]") {
  struct Bad {
    static Task<void> Nothing() { co_return; }
    static Task<void> Throws() {
      throw std::runtime_error("bug");
      co_return;
    }
    static Task<void> Half(ResponseWriter& out) {
      (void)co_await out.Start(200, {});
      (void)co_await out.Write("half");
    }
    static Task<void> BadHeader(ResponseWriter& out) {
      Headers h;
      h.Add("location", "x\r\nset-cookie: y");
      (void)co_await out.Send(302, h, "");
    }
  };
  World w([](Request r, ResponseWriter& out) {
    if (r.target == "/nothing") return Bad::Nothing();
    if (r.target == "/throws") return Bad::Throws();
    if (r.target == "/header") return Bad::BadHeader(out);
    return Bad::Half(out);
  });
  for (const char* target : {"/nothing", "/throws", "/header"}) {
    Result r;
    w.loop.RunBlocking(Fetch(&w, {.target = target}, &r));
    CHECK(r.code == 500);
  }
  Result half;
  w.loop.RunBlocking(Fetch(&w, {.target = "/half"}, &half));
  CHECK(!half.status.ok());
  RawPeer h1(w, "GET /half HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(h1.closed);
  CHECK(h1.Count("0\r\n\r\n") == 0);
}

TEST_CASE("A header that is too long gets 431", "[http][server]") {
  World w(Hello, {.header_bytes_max = 2000});
  ClientRequest request;
  request.headers.Add("x", std::string(3000, 'x'));
  Result r;
  w.loop.RunBlocking(Fetch(&w, std::move(request), &r));
  CHECK(r.code == 431);
  RawPeer h1(w, "GET / HTTP/1.1\r\nHost: a\r\nx: " + std::string(3000, 'x') + "\r\n\r\n");
  CHECK(h1.Count("HTTP/1.1 431 ") == 1);
}

TEST_CASE("HEAD has the headers and no body", "[http][server]") {
  World w(Hello);
  Result r;
  w.loop.RunBlocking(Fetch(&w, {.method = "HEAD", .target = "/"}, &r));
  CHECK(r.code == 200);
  CHECK(r.headers.Get("content-length") == "7");
  CHECK(r.body.empty());
}

TEST_CASE("HTTP/1.1 on the wire", "[http][server]") {
  World w([](Request r, ResponseWriter& out) {
    return r.method == "POST" ? Echo(std::move(r), out) : Hello(std::move(r), out);
  });
  SECTION("pipelined requests are answered in order, on one connection") {
    RawPeer p(w,
              "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
              "GET /3 HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(p.Count("HTTP/1.1 200 OK") == 3);
    CHECK(p.got.find("hello /1") < p.got.find("3\r\nabc\r\n0\r\n\r\n"));
    CHECK(p.got.find("3\r\nabc\r\n0\r\n\r\n") < p.got.find("hello /3"));
    CHECK(!p.closed);
    w.loop.Advance(absl::Seconds(120));
    CHECK(p.closed);
  }
  SECTION("many pipelined requests") {
    std::string all;
    for (int i = 0; i < 1000; ++i) all += "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";
    RawPeer p(w, all);
    CHECK(p.Count("hello /x") == 1000);
  }
  SECTION("close is honoured") {
    RawPeer p(w, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    CHECK(p.Count("connection: close\r\n") == 1);
    CHECK(p.closed);
  }
  SECTION("HTTP/1.0 gets no chunks and a close") {
    RawPeer p(w, "POST / HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc");
    CHECK(p.Count("\r\n\r\nabc") == 1);
    CHECK(p.Count("chunked") == 0);
    CHECK(p.closed);
  }
  SECTION("continue is sent when the handler reads") {
    RawPeer p(w, "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    // Echo starts its answer first, so that no promise is made and the connection will not be reused.
    CHECK(p.Count("100 Continue") == 0);
    CHECK(p.Count("connection: close") == 1);
  }
  SECTION("malformed requests get 400 and a close") {
    RawPeer p(w,
              "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET "
              "/smuggled HTTP/1.1\r\n\r\n");
    CHECK(p.Count("HTTP/1.1 400 Bad Request") == 1);
    CHECK(p.Count("smuggled") == 0);
    w.loop.Advance(absl::Seconds(3));
    CHECK(p.closed);
  }
  SECTION("a body that turns out malformed ends the connection") {
    RawPeer p(w, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
    CHECK((p.closed || p.Count(" 400 ") == 1));
  }
  SECTION("half a header runs into the time-out") {
    RawPeer p(w, "GET / HTTP/1.1\r\nHo");
    w.loop.Advance(absl::Seconds(60));
    CHECK(p.closed);
  }
}

Task<void> ReadThenAnswer(Request request, ResponseWriter& out) {
  auto body = co_await request.body->ReadAll(10);
  (void)co_await out.Send(body.ok() ? 200 : 413, {}, body.ok() ? *body : std::string(body.status().message()));
}

TEST_CASE("Expect: 100-continue, and bodies beyond the handler's limit", "[http][server]") {
  World w(ReadThenAnswer);
  RawPeer expects(w, "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  CHECK(expects.got == "HTTP/1.1 100 Continue\r\n\r\n");
  Result ok, too_long;
  w.loop.RunBlocking(Fetch(&w, {.method = "POST", .body = "short"}, &ok));
  CHECK(ok.body == "short");
  w.loop.RunBlocking(
      Fetch(&w, {.method = "POST", .body_stream = std::make_unique<PatternBody>(50'000'000)}, &too_long));
  CHECK(too_long.code == 413);
}

TEST_CASE("Calls without a server", "[http][client]") {
  World w(Hello);
  Origin nowhere{.host = "localhost", .port = 1};
  absl::Status status;
  struct Run {
    static Task<void> Do(Client* c, Origin o, absl::Status* s) {
      auto response = co_await c->Do(std::move(o), {});
      *s = response.status();
    }
  };
  w.loop.RunBlocking(Run::Do(w.client.get(), nowhere, &status));
  CHECK(absl::IsUnavailable(status));
  CHECK(std::string(status.message()).find("was not sent") != std::string::npos);
  w.On([&] { w.client->Close(); });
  w.loop.RunBlocking(Run::Do(w.client.get(), w.origin(), &status));
  CHECK(absl::IsCancelled(status));
}

TEST_CASE("Too many waiting calls are shed", "[http][client]") {
  Gate gate;
  World w(gate.handler(), {.streams_max = 1}, {.connections_max_per_origin = 1, .waiting_max_per_origin = 2});
  std::vector<Result> results(6);
  w.loop.Spawn(Fetch(&w, {}, &results[0]));
  w.loop.RunUntilIdle();
  for (size_t i = 1; i < results.size(); ++i) w.loop.Spawn(Fetch(&w, {}, &results[i]));
  w.loop.RunUntilIdle();
  int shed = 0;
  for (const Result& r : results) shed += absl::IsResourceExhausted(r.status);
  CHECK(shed == 3);
  w.On([&] { gate.Open(); });
}

}  // namespace
}  // namespace atoll::http
