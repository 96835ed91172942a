#include "common/json/parse.h"

#include <catch2/catch.hpp>

#include "common/json/write.h"

namespace atoll::json {
namespace {

std::string Again(std::string_view text) {
  const absl::StatusOr<Value> v = Parse(text);
  return v.ok() ? Write(*v) : "error: " + std::string(v.status().message());
}

TEST_CASE("What is read is written as Go writes it", "[json]") {
  struct Case {
    const char* in;
    const char* out;
  };
  const Case cases[] = {
      {"null", "null"},
      {" {\"a\" : [1, true ,false,null] }\n", "{\"a\":[1,true,false,null]}"},
      {"{}", "{}"},
      {"[[],{}]", "[[],{}]"},
      {"-0", "0"},
      {"9223372036854775807", "9223372036854775807"},
      {"-9223372036854775808", "-9223372036854775808"},
      {"9223372036854775808", "9223372036854776000"},
      {"18446744073709551615", "18446744073709552000"},
      {"123456789012345678901234567890", "1.2345678901234568e+29"},
      {"1.0", "1"},
      {"1e3", "1000"},
      {"1.5", "1.5"},
      {"-0.25", "-0.25"},
      {"0.000001", "0.000001"},
      {"0.0000001", "1e-7"},
      {"1e20", "100000000000000000000"},
      {"1e21", "1e+21"},
      {"123456789.125", "123456789.125"},
      {"1e-400", "0"},
      {R"("\u00e9\n\t\"\\\/")", "\"é\\n\\t\\\"\\\\/\""},
      {R"("<a>&")", R"("\u003ca\u003e\u0026")"},
      {R"("\u2028\u2029\u0000\u001f\b\f")", R"("\u2028\u2029\u0000\u001f\b\f")"},
      {R"("\ud83d\ude00")", "\"😀\""},
      {R"("\ud800")", "\"�\""},
      {R"("\ud800\u0041")", "\"�A\""},
      {R"("\udc00x")", "\"�x\""},
      {"\"a\xff"
       "b\"",
       "\"a�b\""},
      {"{\"a\":1,\"b\":2,\"a\":3}", "{\"a\":3,\"b\":2}"},
  };
  for (const Case& c : cases) {
    INFO(c.in);
    CHECK(Again(c.in) == c.out);
  }
}

TEST_CASE("Broken text is diagnosed with Go's words", "[json]") {
  struct Case {
    std::string in;
    const char* error;
  };
  const Case cases[] = {
      {"", "unexpected end of JSON input"},
      {"  ", "unexpected end of JSON input"},
      {"{\"apiVersion\": \"v1\", ", "unexpected end of JSON input"},
      {"{", "unexpected end of JSON input"},
      {"[1,2", "unexpected end of JSON input"},
      {"\"abc", "unexpected end of JSON input"},
      {"-", "unexpected end of JSON input"},
      {"tru", "unexpected end of JSON input"},
      {"x", "invalid character 'x' looking for beginning of value"},
      {"i", "invalid character 'i' looking for beginning of value"},
      {"'a'", "invalid character '\\'' looking for beginning of value"},
      {"[1,]", "invalid character ']' looking for beginning of value"},
      {"{a}", "invalid character 'a' looking for beginning of object key string"},
      {"{\"a\":1,}", "invalid character '}' looking for beginning of object key string"},
      {"{\"a\" 1}", "invalid character '1' after object key"},
      {"{\"a\":1 \"b\"}", "invalid character '\"' after object key:value pair"},
      {"[1 2]", "invalid character '2' after array element"},
      {"1 2", "invalid character '2' after top-level value"},
      {"01", "invalid character '1' after top-level value"},
      {"{}}", "invalid character '}' after top-level value"},
      {"\"a\nb\"", "invalid character '\\n' in string literal"},
      {"\"\\x\"", "invalid character 'x' in string escape code"},
      {"\"\\u12g4\"", "invalid character 'g' in \\u hexadecimal character escape"},
      {"-a", "invalid character 'a' in numeric literal"},
      {"1.a", "invalid character 'a' after decimal point in numeric literal"},
      {"1e+x", "invalid character 'x' in exponent of numeric literal"},
      {"trve", "invalid character 'v' in literal true (expecting 'u')"},
      {"nul1", "invalid character '1' in literal null (expecting 'l')"},
      {"\xEF\xBB\xBF{}", "invalid character 'ï' looking for beginning of value"},
      {std::string("\0", 1), "invalid character '\\x00' looking for beginning of value"},
      {"1e999", "json: cannot unmarshal number 1e999 into Go value of type float64"},
      {"[1e999", "unexpected end of JSON input"},
  };
  for (const Case& c : cases) {
    INFO(c.in);
    const absl::StatusOr<Value> v = Parse(c.in);
    REQUIRE_FALSE(v.ok());
    CHECK(v.status().code() == absl::StatusCode::kInvalidArgument);
    CHECK(v.status().message() == c.error);
  }
}

TEST_CASE("Depth is bounded", "[json]") {
  const auto nested = [](size_t n) { return std::string(n, '[') + std::string(n, ']'); };
  CHECK(Parse(nested(512)).ok());
  CHECK(Parse(nested(513)).status().message() == "exceeded max depth");
  CHECK(Parse(nested(100'000)).status().message() == "exceeded max depth");
  CHECK(Parse(nested(3), {.depth_max = 3}).ok());
  CHECK_FALSE(Parse(nested(4), {.depth_max = 3}).ok());
  CHECK(Parse(nested(2000), {.depth_max = 2000}).ok());
}

TEST_CASE("Repeated keys are reported by path, once, in document order", "[json]") {
  std::vector<std::string> duplicates;
  const ParseOptions options{.duplicates = &duplicates};
  REQUIRE(Parse(R"({"metadata":{"name":1,"name":2},"spec":{"a":[{"b":1,"b":2,"b":3}]},"spec":1,"x":1})", options).ok());
  CHECK(duplicates == std::vector<std::string>{"metadata.name", "spec.a[0].b", "spec"});
  duplicates.clear();
  REQUIRE(Parse(R"([{"foo":1,"foo":"\ud800"}])", options).ok());
  CHECK(duplicates == std::vector<std::string>{"[0].foo"});
  duplicates.clear();
  std::string wide = "{";
  for (int i = 0; i < 300; ++i) wide += "\"k" + std::to_string(i % 150) + "\":" + std::to_string(i) + ",";
  const absl::StatusOr<Value> v = Parse(wide + "\"z\":0}", options);
  REQUIRE(v.ok());
  CHECK(duplicates.size() == 100);
  CHECK(v->object().size() == 151);
  CHECK(v->IntAt({"k149"}) == 299);
}

TEST_CASE("Large texts parse like small ones", "[json]") {
  std::string big = "[";
  for (int i = 0; i < 50'000; ++i) big += "\"item " + std::to_string(i) + "\",";
  const absl::StatusOr<Value> v = Parse(big + "1]");
  REQUIRE(v.ok());
  CHECK(v->array().size() == 50'001);
  CHECK(v->array()[49'999] == Value("item 49999"));
  CHECK(Parse(big).status().message() == "unexpected end of JSON input");
}

}  // namespace
}  // namespace atoll::json
