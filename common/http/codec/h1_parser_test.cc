#include "common/http/codec/h1_parser.h"

#include <catch2/catch.hpp>

#include "common/http/codec/h1_writer.h"

namespace atoll::http::h1 {
namespace {

constexpr size_t kHeaderMax = 4096;

// Feeds `in` in pieces of `piece` bytes, as a connection would, until it is used up or the message is done.
std::string FeedAll(Parser& parser, std::string_view in, size_t piece, size_t* used_total = nullptr) {
  std::string body, pending;
  size_t used_sum = 0;
  while (!in.empty() && !parser.done() && !parser.failed()) {
    pending.append(in.substr(0, piece));
    in.remove_prefix(std::min(piece, in.size()));
    size_t used = parser.Feed(pending, &body);
    used_sum += used;
    pending.erase(0, used);
  }
  if (used_total != nullptr) *used_total = used_sum;
  return body;
}

TEST_CASE("Requests", "[http][h1]") {
  struct Case {
    const char* name;
    std::string in;
    int error = 0;  // 0: complete
    std::string method = "GET", target = "/", authority = "a", body = "";
    bool keep_alive = true;
    bool may_have_body = !body.empty();
  };
  const Case cases[] = {
      {"plain", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"empty line first", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"absolute form", "GET http://b:1/x?y HTTP/1.1\r\nHost: a\r\n\r\n", 0, "GET", "/x?y", "b:1"},
      {"absolute form, no path", "GET http://b?y HTTP/1.1\r\nHost: a\r\n\r\n", 0, "GET", "/?y", "b"},
      {"asterisk", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 0, "OPTIONS", "*"},
      {"length", "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", 0, "POST", "/p", "a", "hello"},
      {"the same length twice", "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 2, 2\r\n\r\nhi", 0, "POST", "/p", "a",
       "hi"},
      {"chunks",
       "POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: t\r\n\r\n",
       0, "POST", "/p", "a", "abcde"},
      {"no chunk but the last", "POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 0, "POST",
       "/p", "a", "", true, true},
      {"close", "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 0, "GET", "/", "a", "", false},
      {"HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n", 0, "GET", "/", "", "", false},
      {"unknown method", "FROB / HTTP/1.1\r\nHost: a\r\n\r\n", 0, "FROB"},

      {"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
      {"two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
      {"not HTTP", "hello there\r\n\r\n", 400},
      {"TLS on a plain port", std::string("\x16\x03\x01\x02\x00\x01\x00\x01", 8), 400},
      {"future version", "GET / HTTP/3.0\r\nHost: a\r\n\r\n", 400},
      {"authority form", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"relative target", "GET x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"different lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400},
      {"length and chunks",
       "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"chunks and length",
       "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n", 400},
      {"negative length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400},
      {"length with a plus", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\na", 400},
      {"huge length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n", 400},
      {"chunks twice",
       "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"unknown coding", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
      {"coding before chunks", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501},
      {"chunks in HTTP/1.0", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 501},
      {"malformed chunk size", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nabc\r\n", 400},
      {"chunk longer than it says",
       "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n", 400},
      {"space before colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400},
      {"bad name", "GET / HTTP/1.1\r\nHost: a\r\nb@d: x\r\n\r\n", 400},
      {"control character", "GET / HTTP/1.1\r\nHost: a\r\nX: \x01\r\n\r\n", 400},
      {"bare CR", "GET / HTTP/1.1\r\nHost: a\rX: y\r\n\r\n", 400},
      {"long header", "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(2 * kHeaderMax, 'x') + "\r\n\r\n", 431},
      {"long target", "GET /" + std::string(2 * kHeaderMax, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n", 431},
      {"endless header", "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(2 * kHeaderMax, 'x'), 431},
  };
  for (const Case& c : cases) {
    for (size_t piece : {size_t{1}, size_t{7}, size_t{100'000}}) {
      DYNAMIC_SECTION(c.name << " by " << piece) {
        Parser parser(Kind::kRequest, kHeaderMax);
        std::string body = FeedAll(parser, c.in, piece);
        INFO(parser.error_text());
        REQUIRE(parser.error_status() == c.error);
        if (c.error != 0) continue;
        REQUIRE(parser.done());
        CHECK(parser.head().method == c.method);
        CHECK(parser.head().target == c.target);
        CHECK(parser.head().authority == c.authority);
        CHECK(parser.head().keep_alive == c.keep_alive);
        CHECK(parser.head().has_body == c.may_have_body);
        CHECK(!parser.head().headers.Has("t"));
        CHECK(body == c.body);
      }
    }
  }
}

TEST_CASE("A parser stops at the end of a message and takes the next one", "[http][h1]") {
  std::string two = "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhiGET /2 HTTP/1.1\r\nHost: a\r\n\r\n";
  Parser parser(Kind::kRequest, kHeaderMax);
  std::string body;
  size_t used = parser.Feed(two, &body);
  CHECK(body == "hi");
  CHECK(parser.head().target == "/1");
  REQUIRE(parser.done());
  parser.Reset();
  CHECK(!parser.started());
  used += parser.Feed(std::string_view(two).substr(used), &body);
  CHECK(used == two.size());
  CHECK(parser.head().target == "/2");
  CHECK(parser.done());
}

TEST_CASE("Responses", "[http][h1]") {
  struct Case {
    const char* name;
    std::string in;
    bool head_request;
    bool done;            // before the end of the input is told
    bool done_after_end;  // after
    std::string body;
  };
  const Case cases[] = {
      {"length", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", false, true, true, "hi"},
      {"chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", false, true, true, "hi"},
      {"until the end", "HTTP/1.1 200 OK\r\n\r\nhi", false, false, true, "hi"},
      {"to HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", true, true, true, ""},
      {"no content", "HTTP/1.1 204 No Content\r\n\r\n", false, true, true, ""},
      {"interim", "HTTP/1.1 100 Continue\r\n\r\n", false, true, true, ""},
      {"nothing at all", "", false, false, false, ""},
      {"cut off in the head", "HTTP/1.1 200 OK\r\nConte", false, false, false, ""},
      {"cut off", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi", false, false, false, "hi"},
      {"cut off chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n", false, false, false, "hi"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      Parser parser(Kind::kResponse, kHeaderMax);
      parser.Reset(c.head_request);
      CHECK(FeedAll(parser, c.in, 3) == c.body);
      CHECK(parser.done() == c.done);
      parser.FeedEnd();
      CHECK(parser.done() == c.done_after_end);
      CHECK(parser.failed() == !c.done_after_end);
    }
  }
}

TEST_CASE("What is written can be read, framing fields are ours", "[http][h1]") {
  Headers headers;
  headers.Add("Content-Type", "text/plain");
  headers.Add("Transfer-Encoding", "gzip");
  headers.Add("Content-Length", "77");
  headers.Add("Connection", "x");
  std::string out;
  AppendResponseHead(201, headers, {.chunked = true, .close = true}, &out);
  AppendChunk("hello", &out);
  AppendChunk("", &out);
  AppendChunk(std::string(300, 'z'), &out);
  AppendLastChunk(&out);
  Parser parser(Kind::kResponse, kHeaderMax);
  CHECK(FeedAll(parser, out, 10) == "hello" + std::string(300, 'z'));
  REQUIRE(parser.done());
  CHECK(parser.head().status == 201);
  CHECK(!parser.head().keep_alive);
  CHECK(!parser.head().headers.Has("content-length"));
  CHECK(parser.head().headers.Get("transfer-encoding") == "chunked");
}

}  // namespace
}  // namespace atoll::http::h1
