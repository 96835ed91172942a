#include "common/json/write.h"

#include <catch2/catch.hpp>
#include <limits>

#include "common/json/go_quote.h"

namespace atoll::json {
namespace {

TEST_CASE("Doubles in Go's form", "[json]") {
  struct Case {
    double d;
    const char* text;
  };
  const Case cases[] = {
      {0.0, "0"},
      {-0.0, "-0"},
      {1.0, "1"},
      {100.0, "100"},
      {0.1, "0.1"},
      {1e-6, "0.000001"},
      {9.5e-7, "9.5e-7"},
      {1.5e-10, "1.5e-10"},
      {1e20, "100000000000000000000"},
      {1.2345678901234567e20, "123456789012345670000"},
      {1e21, "1e+21"},
      {-1.5e300, "-1.5e+300"},
      {5e-324, "5e-324"},
      {1.7976931348623157e308, "1.7976931348623157e+308"},
      {std::numeric_limits<double>::infinity(), "null"},
  };
  for (const Case& c : cases) CHECK(Write(c.d) == c.text);
}

TEST_CASE("Strings are quoted as Go quotes them in JSON", "[json]") {
  struct Case {
    std::string in;
    const char* text;
  };
  const Case cases[] = {
      {"", "\"\""},
      {"plain", "\"plain\""},
      {"a\"b\\c/d", R"("a\"b\\c/d")"},
      {"\r\n\t\b\f\x01\x7f", "\"\\r\\n\\t\\b\\f\\u0001\x7f\""},
      {"é€😀", "\"é€😀\""},
      {"\xff\xc3(", R"("\ufffd\ufffd(")"},
      {"\xed\xa0\x80", R"("\ufffd\ufffd\ufffd")"},
      {"cut \xe2\x82", R"("cut \ufffd\ufffd")"},
      {"<&>", R"("\u003c\u0026\u003e")"},
  };
  for (const Case& c : cases) {
    std::string out;
    AppendQuoted(&out, c.in);
    CHECK(out == c.text);
  }
}

TEST_CASE("Indentation", "[json]") {
  const Value v = Object{{"a", Array{1, Object{}}}, {"b", Array{}}, {"c", Object{{"d", nullptr}}}};
  CHECK(WriteIndented(v) == "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": [],\n  \"c\": {\n    \"d\": null\n  }\n}");
  CHECK(WriteIndented("x") == "\"x\"");
}

TEST_CASE("Go's strconv.Quote", "[json]") {
  CHECK(GoQuote("a b") == "\"a b\"");
  CHECK(GoQuote("a\"b\\'\n\x01\x7f\a\v") == "\"a\\\"b\\\\'\\n\\x01\\x7f\\a\\v\"");
  CHECK(GoQuote("é\u00a0\u200b😀\xff") == "\"é\\u00a0\\u200b😀\\xff\"");
  CHECK(GoQuoteCharacter('\'') == "'\\''");
  CHECK(GoQuoteCharacter('"') == "'\"'");
  CHECK(GoQuoteCharacter(0xC3) == "'Ã'");
}

}  // namespace
}  // namespace atoll::json
