#include "common/http/websocket/frame.h"

#include <catch2/catch.hpp>
#include <vector>

namespace atoll::http::websocket {
namespace {

using namespace std::string_literals;

// A client's frame: masked, with the length in the form asked for.
std::string Masked(uint8_t first, std::string_view payload, int length_bytes = -1) {
  const uint64_t size = payload.size();
  if (length_bytes < 0) length_bytes = size < 126 ? 0 : size <= 0xffff ? 2 : 8;
  std::string out(1, static_cast<char>(first));
  out.push_back(static_cast<char>(0x80 | (length_bytes == 0 ? size : length_bytes == 2 ? 126 : 127)));
  for (int i = length_bytes - 1; i >= 0; --i) out.push_back(static_cast<char>(size >> (8 * i)));
  const std::string mask = "\x11\x22\x33\x44";
  out += mask;
  for (size_t i = 0; i < payload.size(); ++i) out.push_back(static_cast<char>(payload[i] ^ mask[i % 4]));
  return out;
}

TEST_CASE("Frames of the server", "[http][websocket]") {
  struct Case {
    size_t size;
    std::string head;
  };
  for (const Case& c : std::vector<Case>{{0, "\x81\x00"s},
                                         {125, "\x81\x7d"s},
                                         {126, "\x81\x7e\x00\x7e"s},
                                         {65535, "\x81\x7e\xff\xff"s},
                                         {65536, "\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"s}}) {
    std::string out, payload(c.size, 'p');
    AppendFrame(Opcode::kText, payload, &out);
    CHECK(out == c.head + payload);
  }
  std::string close;
  AppendClose(kGoingAway, &close);
  CHECK(close == "\x88\x02\x03\xe9"s);
}

TEST_CASE("What a peer may and may not send", "[http][websocket]") {
  struct Case {
    const char* name;
    std::string bytes;
    uint16_t close_code;  // 0: goes on
    uint64_t messages = 0;
  };
  const std::vector<Case> cases = {
      {"a message", Masked(0x81, "hello"), 0, 1},
      {"binary", Masked(0x82, ""), 0, 1},
      {"two messages", Masked(0x81, "a") + Masked(0x82, std::string(300, 'b')), 0, 2},
      {"fragments with a ping between", Masked(0x01, "a") + Masked(0x89, "p") + Masked(0x00, "b") + Masked(0x80, "c"),
       0, 1},
      {"as long as may be", Masked(0x81, std::string(1024, 'x')), 0, 1},
      {"too long", Masked(0x81, std::string(1025, 'x')), kTooBig},
      {"too long in fragments", Masked(0x01, std::string(1000, 'x')) + Masked(0x80, std::string(25, 'x')), kTooBig},
      {"a length beyond all memory", "\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x01\x02\x03\x04"s, kTooBig},
      {"a negative length", "\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x02\x03\x04"s, kProtocolError},
      {"a length that could be shorter, 16", Masked(0x81, "abc", 2), kProtocolError},
      {"a length that could be shorter, 64", Masked(0x81, std::string(200, 'x'), 8), kProtocolError},
      {"not masked", "\x81\x02hi", kProtocolError},
      {"a reserved bit", Masked(0xc1, "x"), kProtocolError},
      {"an unknown opcode", Masked(0x83, ""), kProtocolError},
      {"an unknown control opcode", Masked(0x8b, ""), kProtocolError},
      {"a continuation of nothing", Masked(0x80, "x"), kProtocolError},
      {"a message inside a message", Masked(0x01, "a") + Masked(0x81, "b"), kProtocolError},
      {"a control frame in fragments", Masked(0x09, "p"), kProtocolError},
      {"a long ping", Masked(0x89, std::string(126, 'p')), kProtocolError},
      {"close", Masked(0x88, ""), kNormal},
      {"close with a code", Masked(0x88, "\x03\xe9 bye"), kGoingAway},
      {"close with a private code", Masked(0x88, "\x0f\xa0"), 4000},
      {"close with half a code", Masked(0x88, "\x03"), kProtocolError},
      {"close with a code for local use", Masked(0x88, "\x03\xed"), kProtocolError},
      {"close with a code of nobody", Masked(0x88, "\x13\x88"), kProtocolError},
      {"nothing after close counts", Masked(0x88, "") + "\xff\xff\xff", kNormal},
  };
  for (const Case& c : cases) {
    for (size_t piece : {size_t{1}, size_t{3}, size_t{100'000}}) {
      DYNAMIC_SECTION(c.name << ", by " << piece) {
        Receiver receiver(1024);
        for (size_t at = 0; at < c.bytes.size(); at += piece)
          receiver.Feed(std::string_view(c.bytes).substr(at, piece));
        CHECK(receiver.close_code() == c.close_code);
        if (c.close_code == 0) CHECK(receiver.messages() == c.messages);
      }
    }
  }
}

TEST_CASE("Only the newest ping is answered", "[http][websocket]") {
  Receiver receiver(1024);
  CHECK(!receiver.TakePing());
  receiver.Feed(Masked(0x89, "one") + Masked(0x89, "two") + Masked(0x8a, "pong"));
  CHECK(receiver.ping_waits());
  CHECK(receiver.TakePing() == "two");
  CHECK(!receiver.TakePing());
  receiver.Feed(Masked(0x89, ""));
  CHECK(receiver.TakePing() == "");
}

}  // namespace
}  // namespace atoll::http::websocket
