// Continue tokens, durations and JSONPath.
#include <catch2/catch.hpp>

#include "absl/strings/escaping.h"
#include "common/api/continue_token.h"
#include "common/api/duration.h"
#include "common/api/jsonpath.h"
#include "common/base/strings.h"
#include "common/json/parse.h"

namespace atoll::api {
namespace {

TEST_CASE("Continue tokens survive a round trip", "[api]") {
  const std::string text = EncodeContinue({.revision = 7, .start = std::string("/default/b1\0", 12)});
  CHECK(text.find('=') == std::string::npos);
  std::string decoded;
  REQUIRE(absl::WebSafeBase64Unescape(text, &decoded));
  CHECK(decoded == R"({"v":"meta.k8s.io/v1","rv":7,"start":"/default/b1\u0000"})");
  const absl::StatusOr<ContinueToken> token = DecodeContinue(text);
  REQUIRE(token.ok());
  CHECK(token->revision == 7);
  CHECK(token->start == std::string("/default/b1\0", 12));
  CHECK(token->left == 0);
  CHECK(DecodeContinue(EncodeContinue({.revision = -1, .start = "b"}))->start == "/b");
  CHECK(DecodeContinue(EncodeContinue({.revision = 7, .start = "b", .left = 12}))->left == 12);
}

TEST_CASE("Broken continue tokens are refused with Kubernetes' words", "[api]") {
  struct Case {
    std::string json;
    const char* error;
  };
  const Case cases[] = {
      {"invalid", ": invalid character 'i' looking for beginning of value"},
      {"{}", ": server does not recognize this encoded version "},
      {R"({"v":"v2"})", ": server does not recognize this encoded version v2"},
      {R"({"v":"meta.k8s.io/v1"})", ": incorrect encoded start resourceVersion (version meta.k8s.io/v1)"},
      {R"({"v":"meta.k8s.io/v1","rv":1})", ": encoded start key empty (version meta.k8s.io/v1)"},
      {R"({"v":"meta.k8s.io/v1","rv":1,"start":"/../x"})", ": /../x"},
      {R"({"v":"meta.k8s.io/v1","rv":1,"start":"a//b"})", ": a//b"},
      {R"({"v":"meta.k8s.io/v1","rv":1,"start":"a/"})", ": a/"},
  };
  for (const Case& c : cases) {
    INFO(c.json);
    CHECK(DecodeContinue(absl::WebSafeBase64Escape(c.json)).status().message() ==
          StrCat("invalid continue token: continue key is not valid", c.error));
  }
  for (const char* text : {"!", "abc=", "a", "abcde", "ab cd"}) {
    CHECK(StrCat(DecodeContinue(text).status().message()).find("illegal base64 data at input byte ") !=
          std::string::npos);
  }
}

TEST_CASE("Go durations", "[api]") {
  struct Case {
    const char* text;
    int64_t nanos;
  };
  const Case good[] = {
      {"0", 0},
      {"5s", 5'000'000'000},
      {"1h30m", 5'400'000'000'000},
      {"-1.5s", -1'500'000'000},
      {"+3ms", 3'000'000},
      {".5s", 500'000'000},
      {"1us2ns", 1002},
      {"2µs", 2000},
  };
  for (const Case& c : good) {
    INFO(c.text);
    REQUIRE(ParseGoDuration(c.text).ok());
    CHECK(absl::ToInt64Nanoseconds(*ParseGoDuration(c.text)) == c.nanos);
  }
  struct Bad {
    const char* text;
    const char* error;
  };
  const Bad bad[] = {
      {"", "time: invalid duration \"\""},
      {"x", "time: invalid duration \"x\""},
      {"-", "time: invalid duration \"-\""},
      {".s", "time: invalid duration \".s\""},
      {"1", "time: missing unit in duration \"1\""},
      {"1d", "time: unknown unit \"d\" in duration \"1d\""},
      {"9999999999999h", "time: invalid duration \"9999999999999h\""},
      {"99999999999999999999999s", "time: invalid duration \"99999999999999999999999s\""},
  };
  for (const Bad& b : bad) CHECK(ParseGoDuration(b.text).status().message() == b.error);
}

TEST_CASE("Ages as kubectl shows them", "[api]") {
  struct Case {
    int64_t seconds;
    const char* text;
  };
  constexpr int64_t kMinute = 60, kHour = 3600, kDay = 24 * kHour, kYear = 365 * kDay;
  const Case cases[] = {
      {-2, "<invalid>"},
      {-1, "0s"},
      {0, "0s"},
      {119, "119s"},
      {120, "2m"},
      {125, "2m5s"},
      {10 * kMinute, "10m"},
      {179 * kMinute, "179m"},
      {3 * kHour, "3h"},
      {3 * kHour + 5 * kMinute, "3h5m"},
      {8 * kHour + kMinute, "8h"},
      {47 * kHour, "47h"},
      {48 * kHour, "2d"},
      {5 * kDay + 3 * kHour, "5d3h"},
      {8 * kDay + kHour, "8d"},
      {2 * kYear, "2y"},
      {2 * kYear + kDay, "2y1d"},
      {9 * kYear + kDay, "9y"},
  };
  for (const Case& c : cases) CHECK(HumanDuration(absl::Seconds(c.seconds)) == c.text);
  const absl::Time now = absl::FromUnixSeconds(1000);
  CHECK(HumanAge("", now) == "<unknown>");
  CHECK(HumanAge("yesterday", now) == "<invalid>");
  CHECK(HumanAge("1970-01-01T00:16:00Z", now) == "40s");
}

TEST_CASE("JSONPath", "[api]") {
  const json::Value root = *json::Parse(R"({
    "metadata": {"labels": {"region": "eu", "a.b/c": "x"}, "annotations": {"example.com/x": "y"}},
    "spec": {"type": {"name": "t"}, "list": [{"n": 1}, {"n": 2}, {"n": 3, "s": "q"}]},
    "status": {"conditions": [{"type": "Ready", "status": "True"}, {"type": "Bound", "status": "False"}]}})");
  struct Case {
    const char* path;
    std::vector<json::Value> want;
  };
  const Case cases[] = {
      {".spec.type.name", {"t"}},
      {"{.spec.type.name}", {"t"}},
      {"$.spec.type.name", {"t"}},
      {".metadata.labels['region']", {"eu"}},
      {".metadata.labels['a.b/c']", {"x"}},
      {R"(.metadata.labels.a\.b/c)", {"x"}},
      {R"(.metadata.annotations.example\.com/x)", {"y"}},
      {".spec.list[0].n", {1}},
      {".spec.list[-1].n", {3}},
      {".spec.list[9].n", {}},
      {".spec.list[*].n", {1, 2, 3}},
      {".spec.type.*", {"t"}},
      {".status.conditions[?(@.type==\"Ready\")].status", {"True"}},
      {".status.conditions[?(@.type == 'Bound')].status", {"False"}},
      {".spec.list[?(@.n>=2)].n", {2, 3}},
      {".spec.list[?(@.n<2)].n", {1}},
      {".spec.list[?(@.n!=2)].n", {1, 3}},
      {".spec.list[?(@.s)].n", {3}},
      {".nothing.at.all", {}},
      {".spec.type.name.deeper", {}},
  };
  for (const Case& c : cases) {
    INFO(c.path);
    const absl::StatusOr<JsonPath> path = JsonPath::Parse(c.path);
    REQUIRE(path.ok());
    std::vector<json::Value> got;
    for (const json::Value* v : path->Find(root)) got.push_back(*v);
    CHECK((got == c.want));
    CHECK((path->First(root) == nullptr) == c.want.empty());
  }
  for (const char* bad :
       {"spec", ".a[", ".a[x]", ".a[?(x)]", ".a[?(@.b==)]", ".a['b]", ".a[0", ".a..b", ".a}", ".a[?(@.b[?(@.c)])]"}) {
    INFO(bad);
    CHECK_FALSE(JsonPath::Parse(bad).ok());
  }
}

}  // namespace
}  // namespace atoll::api
