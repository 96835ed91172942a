#include "common/http/message.h"

#include <catch2/catch.hpp>

#include "common/http/codec/fields.h"
#include "common/http/codec/flood_guard.h"
#include "common/http/codec/send_queue.h"

namespace atoll::http {
namespace {

TEST_CASE("Headers keep order and ignore case", "[http]") {
  Headers h;
  h.Add("X-One", "1");
  h.Add("Accept", "a");
  h.Add("accept", "b");
  CHECK(h.Get("ACCEPT") == "a");
  CHECK(h.GetAll("Accept") == std::vector<std::string_view>{"a", "b"});
  CHECK(h.fields()[0].first == "x-one");
  h.Set("ACCEPT", "c");
  CHECK(h.GetAll("accept") == std::vector<std::string_view>{"c"});
  h.Set("new", "n");
  CHECK(h.Has("New"));
  h.RemovePrefix("X-");
  CHECK(!h.Has("x-one"));
  h.Remove("Accept");
  CHECK(h.fields().size() == 1);
}

TEST_CASE("PercentDecode", "[http]") {
  struct Case {
    const char* in;
    bool plus;
    bool ok;
    const char* out;
  };
  const Case cases[] = {
      {"", false, true, ""},      {"a%20b", false, true, "a b"}, {"a+b", false, true, "a+b"},
      {"a+b", true, true, "a b"}, {"%2F%2f", false, true, "//"}, {"%", false, false, "%"},
      {"%4", false, false, "%4"}, {"%zz", false, false, "%zz"},  {"%41%4", false, false, "A%4"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.in << c.plus) {
      std::string out;
      CHECK(PercentDecode(c.in, c.plus, &out) == c.ok);
      CHECK(out == c.out);
    }
  }
  CHECK(PercentEncode("a b/c~\xc3") == "a%20b%2Fc~%C3");
  CHECK(PercentEncode("a/b", "/") == "a/b");
}

TEST_CASE("ParseQuery", "[http]") {
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  CHECK(ParseQuery("").empty());
  CHECK(ParseQuery("a=1&b=x%3Dy&&c&a=+") == Pairs{{"a", "1"}, {"b", "x=y"}, {"c", ""}, {"a", " "}});
  CHECK(ParseQuery("bad=%zz") == Pairs{{"bad", "%zz"}});
}

TEST_CASE("A request's path and query", "[http]") {
  Request r;
  r.target = "/a%20b?x=1?y";
  CHECK(r.path() == "/a%20b");
  CHECK(r.query() == "x=1?y");
  r.target = "/only";
  CHECK(r.path() == "/only");
  CHECK(r.query().empty());
}

TEST_CASE("What may be sent as a field", "[http]") {
  struct Case {
    const char* name;
    std::string value;
    bool ok;
  };
  const Case cases[] = {
      {"x-a", "plain", true},
      {"x-a", "tab\there", true},
      {"x-a", "caf\xc3\xa9", true},
      {"x-a", "split\r\nx: y", false},
      {"x-a", std::string("nul\0", 4), false},
      {"x a", "v", false},
      {"", "v", false},
      {"x:a", "v", false},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name << c.value.size()) {
      Headers h;
      h.Add(c.name, c.value);
      CHECK(CheckFields(h).ok() == c.ok);
    }
  }
}

TEST_CASE("A token bucket refills with time", "[http]") {
  TokenBucket bucket(10, 2);
  CHECK(bucket.Take(absl::Seconds(1)));
  CHECK(bucket.Take(absl::Seconds(1)));
  CHECK(!bucket.Take(absl::Seconds(1)));
  CHECK(bucket.Take(absl::Seconds(1) + absl::Milliseconds(101)));
  CHECK(!bucket.Take(absl::Seconds(1) + absl::Milliseconds(102)));
}

TEST_CASE("A send queue gives its bytes in order and its memory back", "[http]") {
  SendQueue q;
  std::string sent, got;
  for (int i = 0; i < 2000; ++i) {
    std::string piece(static_cast<size_t>(i % 97), static_cast<char>('a' + i % 26));
    q.Append(std::string_view(piece));
    sent += piece;
    std::string_view front = q.Front(40);
    got += front;
    q.Pop(front.size());
  }
  got += q.Front(q.size());
  q.Clear();
  CHECK(got == sent);
  CHECK(q.empty());
}

}  // namespace
}  // namespace atoll::http
