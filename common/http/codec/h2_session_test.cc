#include "common/http/codec/h2_session.h"

#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <vector>

namespace atoll::http::h2 {
namespace {

struct TestStream final : Stream {
  std::vector<std::pair<std::string, std::string>> fields;
  std::string data;
  bool ended = false;
  uint32_t closed_with = 99;
  std::string Field(std::string_view name) const {
    for (const auto& [n, v] : fields) {
      if (n == name) return v;
    }
    return "-";
  }
};

// One end: keeps what it is told.
struct End final : Sink {
  explicit End(Options o) : session(o, *this) {}
  std::map<int32_t, std::unique_ptr<TestStream>> streams;
  std::vector<TestStream*> heads;
  bool refuse = false, goaway = false, ping_ack = false;
  Session session;

  Stream* OnOpen(int32_t id) override {
    if (refuse) return nullptr;
    return (streams[id] = std::make_unique<TestStream>()).get();
  }
  void OnField(Stream& s, std::string_view name, std::string_view value) override {
    static_cast<TestStream&>(s).fields.emplace_back(name, value);
  }
  void OnHead(Stream& s) override {
    s.head_received = true;
    heads.push_back(static_cast<TestStream*>(&s));
  }
  void OnData(Stream& s, std::string_view bytes) override { static_cast<TestStream&>(s).data.append(bytes); }
  void OnEnd(Stream& s) override { static_cast<TestStream&>(s).ended = true; }
  void OnTaken(Stream&) override {}
  void OnEndSent(Stream&) override {}
  void OnClosed(Stream& s, uint32_t code) override { static_cast<TestStream&>(s).closed_with = code; }
  void OnPingAck() override { ping_ack = true; }
  void OnGoaway(uint32_t) override { goaway = true; }
};

struct Pair {
  End client{{.role = Role::kClient}};
  End server;
  explicit Pair(Options o = {}) : server(o) {}
  // Carries bytes both ways until neither has more.
  void Exchange() {
    for (bool moved = true; moved;) {
      moved = false;
      for (auto [from, to] : {std::pair{&client, &server}, std::pair{&server, &client}}) {
        std::string bytes;
        from->session.Fill(&bytes, 1000);
        if (bytes.empty()) continue;
        moved = true;
        (void)to->session.Receive(bytes, absl::ZeroDuration());
      }
    }
  }
  absl::Status Get(TestStream& stream, Headers headers = {}, bool with_body = false) {
    return client.session.SubmitRequest(stream, "GET", "/x", "host", headers, with_body);
  }
};

TEST_CASE("A request and its answer", "[http][h2]") {
  Pair p;
  TestStream call;
  Headers headers;
  headers.Add("authorization", "Bearer t");
  headers.Add("connection", "dropped");
  REQUIRE(p.Get(call, headers).ok());
  p.Exchange();
  REQUIRE(p.server.heads.size() == 1);
  TestStream& got = *p.server.heads[0];
  CHECK(got.Field(":method") == "GET");
  CHECK(got.Field(":authority") == "host");
  CHECK(got.Field("authorization") == "Bearer t");
  CHECK(got.Field("connection") == "-");
  CHECK(got.ended);

  got.queue.Append(std::string_view("hello"));
  got.queue_ended = true;
  p.server.session.SubmitResponse(got, 200, {}, true);
  p.Exchange();
  CHECK(call.Field(":status") == "200");
  CHECK(call.data == "hello");
  CHECK(call.ended);
  CHECK(call.closed_with == kNoError);
}

TEST_CASE("Bytes nobody consumes close the window", "[http][h2]") {
  Pair p({.stream_window_bytes = 1000});
  p.Exchange();
  TestStream call;
  call.queue.Append(std::string(5000, 'u'));
  call.queue_ended = true;
  REQUIRE(p.Get(call, {}, true).ok());
  p.Exchange();
  TestStream& got = *p.server.heads.at(0);
  CHECK(got.data.size() == 1000);
  p.server.session.Consume(got.id, 1000);
  p.Exchange();
  CHECK(got.data.size() == 2000);
  CHECK(!got.ended);
}

TEST_CASE("A stream without bytes waits and is resumed", "[http][h2]") {
  Pair p;
  TestStream call;
  REQUIRE(p.Get(call).ok());
  p.Exchange();
  TestStream& got = *p.server.heads.at(0);
  p.server.session.SubmitResponse(got, 200, {}, true);
  p.Exchange();
  CHECK(call.Field(":status") == "200");
  CHECK(got.deferred);
  for (int i = 1; i <= 3; ++i) {
    got.queue.Append(std::string_view("event\n"));
    p.server.session.Resume(got);
    p.Exchange();
    CHECK(call.data.size() == 6u * i);
  }
  CHECK(!call.ended);
}

TEST_CASE("A refused stream was not processed", "[http][h2]") {
  Pair p;
  p.server.refuse = true;
  TestStream call;
  REQUIRE(p.Get(call).ok());
  p.Exchange();
  CHECK(call.closed_with == kRefusedStream);
}

TEST_CASE("A graceful end takes what is under way and refuses what comes after", "[http][h2]") {
  Pair p;
  TestStream before, between, after;
  REQUIRE(p.Get(before).ok());
  p.Exchange();
  p.server.session.ShutdownNotice();
  REQUIRE(p.Get(between).ok());  // crosses the notice
  p.Exchange();
  CHECK(p.client.goaway);
  CHECK(!p.client.session.AcceptsRequests());
  CHECK(p.server.heads.size() == 2);
  p.server.session.Goaway();
  p.Exchange();
  CHECK(!p.server.session.Finished());
  for (TestStream* got : p.server.heads) p.server.session.SubmitResponse(*got, 204, {}, false);
  p.Exchange();
  CHECK(before.Field(":status") == "204");
  CHECK(between.Field(":status") == "204");
  CHECK(p.server.session.Finished());
}

std::string Frame(uint8_t type, uint8_t flags, uint32_t stream, std::string_view payload) {
  std::string f{static_cast<char>(payload.size() >> 16),
                static_cast<char>(payload.size() >> 8),
                static_cast<char>(payload.size()),
                static_cast<char>(type),
                static_cast<char>(flags),
                static_cast<char>(stream >> 24),
                static_cast<char>(stream >> 16),
                static_cast<char>(stream >> 8),
                static_cast<char>(stream)};
  f.append(payload);
  return f;
}
const std::string kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + Frame(4, 0, 0, "");

TEST_CASE("Floods end the connection with ENHANCE_YOUR_CALM", "[http][h2]") {
  // HPACK: :method GET, :scheme https, :path /, :authority "a".
  const std::string kHead(
      "\x82\x87\x84\x41\x01"
      "a",
      6);
  struct Case {
    const char* name;
    std::function<std::string(uint32_t)> frame;
  };
  const Case cases[] = {
      {"ping", [](uint32_t) { return Frame(6, 0, 0, "12345678"); }},
      {"settings", [](uint32_t) { return Frame(4, 0, 0, ""); }},
      {"priority", [](uint32_t i) { return Frame(2, 0, 2 * i + 1, std::string("\0\0\0\0\1", 5)); }},
      {"rapid reset",
       [&](uint32_t i) {
         return Frame(1, 5, 2 * i + 1, kHead) + Frame(3, 0, 2 * i + 1, std::string("\0\0\0\x08", 4));
       }},
      {"empty data", [&](uint32_t i) { return i == 0 ? Frame(1, 4, 1, kHead) : Frame(0, 0, 1, ""); }},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      End server({});
      REQUIRE(server.session.Receive(kPreface, absl::ZeroDuration()).ok());
      std::string out;
      absl::Status status;
      for (uint32_t i = 0; i < 3000 && status.ok(); ++i) {
        status = server.session.Receive(c.frame(i), absl::ZeroDuration());
        out.clear();
        server.session.Fill(&out, 1 << 20);
      }
      CHECK(status.code() == absl::StatusCode::kResourceExhausted);
      server.session.Fill(&out, 1 << 20);
      CHECK(out.find(std::string("\0\0\0\x0b", 4)) != std::string::npos);
      CHECK(server.session.Finished());
    }
  }
}

TEST_CASE("Malformed input never gets a head through", "[http][h2]") {
  struct Case {
    const char* name;
    std::string bytes;
  };
  const Case cases[] = {
      {"HTTP/1.1", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"oversized frame", kPreface + std::string("\xff\xff\xff\0\0\0\0\0\1", 9)},
      {"data on stream 0", kPreface + Frame(0, 0, 0, "x")},
      {"headers on an even stream", kPreface + Frame(1, 5, 2, "\x82\x87\x84")},
      {"bad HPACK index", kPreface + Frame(1, 5, 1, "\xff\xff\xff\xff\x7f")},
      {"no pseudo fields", kPreface + Frame(1, 5, 1, std::string("\x00\x01x\x01y", 5))},
      {"upper-case name", kPreface + Frame(1, 5, 1,
                                           std::string("\x82\x87\x84\x41\x01"
                                                       "a\x00\x01X\x01y",
                                                       11))},
      {"connection field", kPreface + Frame(1, 5, 1,
                                            std::string("\x82\x87\x84\x41\x01"
                                                        "a\x00\x0a"
                                                        "connection\x01y",
                                                        20))},
      {"continuation without headers", kPreface + Frame(9, 4, 1, "\x82")},
      {"window of zero", kPreface + Frame(8, 0, 0, std::string(4, '\0'))},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      End server({});
      (void)server.session.Receive(c.bytes, absl::ZeroDuration());
      std::string out;
      server.session.Fill(&out, 1 << 20);
      CHECK(server.heads.empty());
    }
  }
}

}  // namespace
}  // namespace atoll::http::h2
