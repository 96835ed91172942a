#include <catch2/catch.hpp>

#include "common/cel/testing_evaluate.h"

namespace atoll::cel {
namespace {

struct Case {
  const char* expression;
  const char* want;
};

void RunAll(testing::Bench& bench, std::initializer_list<Case> cases) {
  for (const Case& c : cases) {
    INFO(c.expression);
    CHECK(bench.Run(c.expression) == c.want);
  }
}

TEST_CASE("Operators and literals", "[cel]") {
  testing::Bench bench;
  RunAll(bench,
         {
             {"1 + 2 * 3", "7"},
             {"(1 + 2) * 3 - 4 / 2", "7"},
             {"7 % 4", "3"},
             {"-7 / 2", "-3"},
             {"0x1F", "31"},
             {"1u + 2u", "3"},
             {"1.5 + 2.0", "3.5"},
             {"9223372036854775807 + 1", "error: integer overflow"},
             {"-(-9223372036854775808)", "error: integer overflow"},
             {"0u - 1u", "error: unsigned integer overflow"},
             {"1 / 0", "error: division by zero"},
             {"1 % 0", "error: modulus by zero"},
             {"'a' + \"b\" + r'\\n' + '\\x41\\u0042\\103'", "ab\\nABC"},
             {"b'\\xff' == b'\\377'", "true"},
             {"'''a\nb'''", "a\nb"},
             {"[1, 2] + [3]", "[1, 2, 3]"},
             {"{'a': 1}.a", "1"},
             {"{'a': 1}['b']", "error: no such key: b"},
             {"[1][1]", "error: index out of bounds: 1"},
             {"1 < 2 && 2u < 3u && 1.0 < 1.5 && 'a' < 'b' && b'a' < b'b' && false < true", "true"},
             {"1 < 1.5 && 2u > 1 && 1 == 1", "true"},
             {"dyn(1) == 1.0 && dyn(1u) == 1 && dyn('1') != 1", "true"},
             {"!true || !false", "true"},
             {"--1", "1"},
             {"true ? 1 : 2", "1"},
             {"1 in [1, 2] && !('c' in {'a': 1})", "true"},
             {"type(1) == int && type([]) == list && type('') == string && type(type(1)) == type", "true"},
             {"size('\xC3\xA4\xC3\xB6') == 2 && 'abc'.size() == 3 && size(b'abc') == 3 && size([1]) == 1", "true"},
         });
}

TEST_CASE("Errors are absorbed on either side", "[cel]") {
  testing::Bench bench;
  RunAll(bench, {
                    {"1 / 0 > 0 || true", "true"},
                    {"true || 1 / 0 > 0", "true"},
                    {"1 / 0 > 0 && false", "false"},
                    {"1 / 0 > 0 || false", "error: division by zero"},
                    {"1 / 0 > 0 || 1 % 0 > 0", "error: division by zero"},
                    {"(1 / 0 > 0 ? 1 : 2) == 1", "error: division by zero"},
                    {"[1, 0].exists(x, 1 / x == 1)", "true"},
                    {"[0, 1].all(x, 1 / x == 2)", "false"},
                    {"[0, 1].all(x, 1 / x == 1)", "error: division by zero"},
                });
}

TEST_CASE("Macros", "[cel]") {
  testing::Bench bench;
  bench.Bind("m", R"({"a":{"b":1},"n":null})");
  RunAll(bench, {
                    {"has(m.a) && has(m.a.b) && !has(m.c)", "true"},
                    {"[1, 2, 3].all(x, x > 0)", "true"},
                    {"[1, 2, 3].exists_one(x, x > 2)", "true"},
                    {"[1, 2, 3].map(x, x * 2)", "[2, 4, 6]"},
                    {"[1, 2, 3].map(x, x > 1, x * 2)", "[4, 6]"},
                    {"[1, 2, 3].filter(x, x % 2 == 1)", "[1, 3]"},
                    {"{'a': 1, 'b': 2}.map(k, k)", "[a, b]"},
                    {"[[1, 2], [3]].map(x, x.map(y, y + 1))", "[[2, 3], [4]]"},
                    {"[3, 4].transformList(i, v, i + v)", "[3, 5]"},
                    {"{'a': 1}.transformMap(k, v, v + 1)", "{a: 2}"},
                    {"{'a': 1}.transformMapEntry(k, v, {v: k})", "{1: a}"},
                    {"{'a': 1, 'b': 1}.transformMapEntry(k, v, {v: k})", "error: insert failed: key 1 already exists"},
                    {"[1, 2].all(i, v, i + 1 == v)", "true"},
                    {"[1, 1].existsOne(i, v, i == 1)", "true"},
                    {"[1, 0].map(x, 1 / x)", "error: division by zero"},
                });
}

TEST_CASE("Optional values", "[cel]") {
  testing::Bench bench;
  bench.Bind("m", R"({"a":{"b":1},"l":[1,2]})");
  RunAll(bench, {
                    {"optional.of(1).value()", "1"},
                    {"optional.none().orValue(2)", "2"},
                    {"m.?a.b", "optional(1)"},
                    {"m.?x.b", "optional.none()"},
                    {"m.?x.b.orValue(7)", "7"},
                    {"m.?a.?b.optMap(v, v + 1)", "optional(2)"},
                    {"m.?x.optMap(v, v + 1)", "optional.none()"},
                    {"m.?a.optFlatMap(v, v.?b)", "optional(1)"},
                    {"m.l[?1].or(optional.of(5))", "optional(2)"},
                    {"m.l[?7].or(optional.of(5))", "optional(5)"},
                    {"[?m.?x, ?m.?a.b]", "[1]"},
                    {"{?'k': m.?x, ?'l': m.?a.b}", "{l: 1}"},
                    {"optional.ofNonZeroValue('').hasValue()", "false"},
                    {"[1, 2].first().value() + [1, 2].last().value()", "3"},
                });
}

TEST_CASE("Conversions and times", "[cel]") {
  testing::Bench bench;
  bench.Bind("s", R"("17")");
  RunAll(bench,
         {
             {"int('12') + int(3.9) + int(4u)", "19"},
             {"string(1) + string(true) + string(1.5) + string(1000000.0) + string(b'x')", "1true1.51e+06x"},
             {"double('1.5') + double(1)", "2.5"},
             {"uint('3') + uint(3)", "6"},
             {"duration('1h30m').getMinutes()", "90"},
             {"string(duration('90m'))", "5400s"},
             {"string(timestamp('2023-01-02T03:04:05.5Z'))", "2023-01-02T03:04:05.5Z"},
             {"timestamp('2023-01-02T03:04:05Z') + duration('1h') > timestamp('2023-01-02T03:04:05Z')", "true"},
             {"timestamp('2023-01-02T03:04:05Z').getHours('+02:30')", "5"},
             {"timestamp('2023-01-02T03:04:05Z').getFullYear() + timestamp('2023-01-02T03:04:05Z').getDate()", "2025"},
             {"timestamp('9999-12-31T23:59:59Z') + duration('1s')", "error: timestamp overflow"},
             {"int(string(s))", "17"},
             {"int(s + 'x')", "error: type conversion error from 'string' to 'int'"},
         });
}

TEST_CASE("Typed objects are read where they are", "[cel]") {
  testing::Bench bench;
  TypePool& pool = bench.pool();
  const Type* type = pool.Struct("object", {{"replicas", "replicas", Type::Int()},
                                            {"at", "at", Type::Timestamp()},
                                            {"x__dash__y", "x-y", Type::String()},
                                            {"set", "set", pool.List(Type::String(), ListKind::kSet, {})},
                                            {"bytes", "bytes", Type::Bytes()},
                                            {"labels", "labels", pool.Map(Type::String(), Type::String())}});
  bench.Bind("self", R"({"replicas":3,"at":"2024-01-01T00:00:00Z","x-y":"z","set":["a","b"],"bytes":"aGk=",
                         "labels":{"k":"v"}})",
             type);
  RunAll(bench, {
                    {"self.replicas <= 3", "true"},
                    {"self.at.getFullYear()", "2024"},
                    {"self.x__dash__y", "z"},
                    {"self.set == ['b', 'a']", "true"},
                    {"self.set + ['b', 'c']", "[a, b, c]"},
                    {"self.bytes == b'hi'", "true"},
                    {"self.labels.k + self.labels['k']", "vv"},
                    {"has(self.labels.k) && !has(self.labels.x)", "true"},
                    {"self.labels.all(k, k.size() == 1)", "true"},
                });
  CHECK(bench.Run("self.unknown") == "ERROR: <input>:1:5: undefined field 'unknown'\n | self.unknown\n | ....^");
}

TEST_CASE("What is wrong is said where it is", "[cel]") {
  testing::Bench bench;
  bench.Bind("a", "1", Type::Int());
  RunAll(
      bench,
      {
          {"1 + x", "ERROR: <input>:1:5: undeclared reference to 'x' (in container '')\n | 1 + x\n | ....^"},
          {"a + 'x'",
           "ERROR: <input>:1:3: found no matching overload for '_+_' applied to '(int, string)'\n | a + 'x'\n "
           "| ..^"},
          {"a.b", "ERROR: <input>:1:2: type 'int' does not support field selection\n | a.b\n | .^"},
          {"foo(a)", "ERROR: <input>:1:4: undeclared reference to 'foo' (in container '')\n | foo(a)\n | ...^"},
          {"a.startsWith('x')",
           "ERROR: <input>:1:13: found no matching overload for 'startsWith' applied to 'int.(string)'\n | "
           "a.startsWith('x')\n | ............^"},
          {"[1, 'x']", "ERROR: <input>:1:5: expected type 'int' but found 'string'\n | [1, 'x']\n | ....^"},
          {"a &&\n true", "ERROR: <input>:1:1: expected type 'bool' but found 'int'\n | a &&\n | ^"},
          {"var", "ERROR: <input>:1:1: reserved identifier: var\n | var\n | ^"},
          {"1 +",
           "ERROR: <input>:1:4: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', "
           "'-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, "
           "IDENTIFIER}\n | 1 +\n | ...^"},
          {"duration('x')", "ERROR: <input>:1:10: invalid duration argument\n | duration('x')\n | .........^"},
          {"'a'.matches('(')", "ERROR: <input>:1:13: invalid matches argument\n | 'a'.matches('(')\n | ............^"},
          {"has(a)", "ERROR: <input>:1:5: invalid argument to has() macro\n | has(a)\n | ....^"},
          {"[1].all(1, true)", "ERROR: <input>:1:9: argument must be a simple name\n | [1].all(1, true)\n | ........^"},
      });
}

TEST_CASE("Depth, size and cost are bounded", "[cel]") {
  testing::Bench bench;
  const std::string deep(10000, '(');
  CHECK(bench.Run(deep) == "ERROR: <input>:-1:0: expression recursion limit exceeded: 250");
  std::string chain = "1";
  for (int i = 0; i < 5000; ++i) chain += " + 1";
  CHECK(bench.Run(chain) == "ERROR: <input>:-1:0: expression recursion limit exceeded: 250");
  std::string logic = "true";
  for (int i = 0; i < 5000; ++i) logic += " && true";
  CHECK(bench.Run(logic) == "true");
  const Compiled loop = bench.Compile(
      "[1,2,3,4,5,6,7,8,9,0].all(a, [1,2,3,4,5,6,7,8,9,0].all(b, "
      "[1,2,3,4,5,6,7,8,9,0].all(c, [1,2,3,4,5,6,7,8,9,0].all(d, a + b + c + d >= 0))))");
  REQUIRE(loop.ok());
  CHECK(bench.Run(*loop.program) == "true");
  CHECK(bench.evaluation().cost() > 50000);
  CHECK(bench.Run(*loop.program, {.cost_max = 1000}) == "error: operation cancelled: actual cost limit exceeded");
  CHECK(bench.evaluation().cost_exceeded());
  const std::atomic<bool> interrupted = true;
  CHECK(bench.Run(*loop.program, {.interrupted = &interrupted}) == "error: operation interrupted");
}

}  // namespace
}  // namespace atoll::cel
