#include "common/json/yaml.h"

#include <catch2/catch.hpp>

#include "common/base/strings.h"
#include "common/json/parse.h"
#include "common/json/write.h"

namespace atoll::json {
namespace {

TEST_CASE("YAML reads as Kubernetes converts it to JSON", "[yaml]") {
  struct Case {
    const char* yaml;
    const char* json;
  };
  const Case cases[] = {
      {"", "null"},
      {"# nothing\n", "null"},
      {"a: y\nb: yes\nc: on\nd: ~\ne: null\nf: ''\ng: True\nh: Off",
       R"({"a":true,"b":true,"c":true,"d":null,"e":null,"f":"","g":true,"h":false})"},
      {"a: 0x1f\nb: 010\nc: 0o10\nd: 0b11\ne: 1_000\nf: 09\ng: +5\nh: -7",
       R"({"a":31,"b":8,"c":8,"d":3,"e":1000,"f":9,"g":5,"h":-7})"},
      {"a: 1.5\nb: 1e3\nc: 1.\nd: .5\ne: 1e+3\nf: 1_0.5\ng: -.5",
       R"({"a":1.5,"b":1000,"c":1,"d":0.5,"e":1000,"f":10.5,"g":-0.5})"},
      {"a: 12e03\nb: 685_230.15\nc: 0.\nd: 1:30:20", R"({"a":12000,"b":685230.15,"c":0,"d":"1:30:20"})"},
      {"a: 0x\nb: +\nc: .\nd: 1.2.3\ne: 1e", R"({"a":"0x","b":"+","c":".","d":"1.2.3","e":"1e"})"},
      {"a: 2001-01-01\nb: 2001-01-01T00:00:00Z\nc: 1:20",
       R"({"a":"2001-01-01","b":"2001-01-01T00:00:00Z","c":"1:20"})"},
      {"1: a\ntrue: b\n1.5: c\nno: d", R"({"1":"a","true":"b","1.5":"c","false":"d"})"},
      {"a: &x {b: 1}\nc: *x\nd:\n  <<: *x\n  e: 2", R"({"a":{"b":1},"c":{"b":1},"d":{"e":2,"b":1}})"},
      {"a: &x {b: 1, c: 2}\nd:\n  <<: [*x, {c: 3, z: 4}]\n  b: 9", R"({"a":{"b":1,"c":2},"d":{"b":9,"c":2,"z":4}})"},
      {"a: !!str 5\nb: !!int '5'\nc: !!float 3\nd: !!binary aGk=\ne: !own x",
       R"({"a":"5","b":5,"c":3,"d":"hi","e":"x"})"},
      {"a: 9223372036854775807\nb: -9223372036854775808\nc: 123456789012345678901234567890\nd: -9223372036854775809",
       R"({"a":9223372036854775807,"b":-9223372036854775808,"c":1.2345678901234568e+29,"d":-9223372036854776000})"},
      {"a: |\n  x\n  y\nb: >-\n  p\n  q", R"({"a":"x\ny\n","b":"p q"})"},
      {"- a\n- b: 1\n  c: 2\n", R"(["a",{"b":1,"c":2}])"},
      {"{a: 1, b: [x, 'y', \"1\"]}", R"({"a":1,"b":["x","y","1"]})"},
      {R"({"apiVersion": "v1", "n": 1})", R"({"apiVersion":"v1","n":1})"},
      {"---\na: 1\n...\n", R"({"a":1})"},
  };
  for (const Case& c : cases) {
    INFO(c.yaml);
    const absl::StatusOr<Value> v = ParseYaml(c.yaml);
    INFO(v.status().ToString());
    REQUIRE(v.ok());
    CHECK(Write(*v) == c.json);
  }
}

TEST_CASE("Broken YAML is refused", "[yaml]") {
  struct Case {
    std::string yaml;
    const char* error;
  };
  const Case cases[] = {
      {"a: b: c\n", "yaml: mapping values are not allowed in this context"},
      {"key: value\n  bad: indent", "yaml: line 2: mapping values are not allowed in this context"},
      {"a: [1,2\n", "yaml: line 1: did not find expected ',' or ']'"},
      {"\ta: 1", "yaml: found character that cannot start any token"},
      {"@a", "yaml: found character that cannot start any token"},
      {"a: *z", "yaml: unknown anchor 'z' referenced"},
      {"a: &a [*a]", "yaml: anchor 'a' value contains itself"},
      {"--- 1\n--- 2\n", "yaml: only one document is allowed"},
      {"a: .inf", "json: unsupported value: .inf"},
      {"<<: 5", "yaml: map merge requires map or sequence of maps as the value"},
      {"~: x", "yaml: unsupported map key: null"},
      {"? [a]\n: b", "yaml: unsupported map key: [\"a\"]"},
      {std::string(600, '['), "yaml: exceeded max depth"},
  };
  for (const Case& c : cases) {
    INFO(c.yaml);
    const absl::StatusOr<Value> v = ParseYaml(c.yaml);
    REQUIRE_FALSE(v.ok());
    CHECK(StrCat(v.status().message()) == c.error);
  }
  CHECK_FALSE(ParseYaml("abc", {.bytes_max = 2}).ok());
}

TEST_CASE("Aliases cannot blow a document up", "[yaml]") {
  std::string laughs = "a0: &a0 [lol,lol,lol,lol,lol,lol,lol,lol,lol]\n";
  for (int i = 1; i < 12; ++i) {
    laughs += StrCat("a", i, ": &a", i, " [");
    for (int j = 0; j < 9; ++j) laughs += StrCat(j == 0 ? "*a" : ",*a", i - 1);
    laughs += "]\n";
  }
  CHECK(StrCat(ParseYaml(laughs).status().message()) == "yaml: document contains excessive aliasing");
  const std::string big =
      StrCat("a: &a ", std::string(1'000'000, 'x'), "\nb: [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n");
  CHECK(StrCat(ParseYaml(big).status().message()) == "yaml: document contains excessive aliasing");
}

TEST_CASE("Repeated keys are reported with their lines", "[yaml]") {
  std::vector<std::string> duplicates;
  const absl::StatusOr<Value> v = ParseYaml("a: 1\na: 2\nb:\n  c: 1\n  c: 2\n", {.duplicates = &duplicates});
  REQUIRE(v.ok());
  CHECK(Write(*v) == R"({"a":2,"b":{"c":2}})");
  CHECK(duplicates ==
        std::vector<std::string>{"line 2: key \"a\" already set in map", "line 5: key \"c\" already set in map"});
}

TEST_CASE("YAML is written as Kubernetes writes it", "[yaml]") {
  struct Case {
    const char* json;
    const char* yaml;
  };
  const Case cases[] = {
      {R"({"a":"true","b":"x","c":"","d":"1.5","e":"a: b","f":"a\nb","g":"a\nb\n","h":" x","i":"- a","j":"#c","k":"a #b","l":"1:20","m":"~","n":"é😀","o":"tab\there","p":"'q'","q":"\"","r":"=","s":"<<","t":"2001-01-01","u":"0o7","v":"y","w":"\u0001"})",
       "a: \"true\"\nb: x\nc: \"\"\nd: \"1.5\"\ne: 'a: b'\nf: |-\n  a\n  b\ng: |\n  a\n  b\nh: ' x'\ni: '- a'\nj: "
       "'#c'\nk: 'a #b'\nl: \"1:20\"\nm: \"~\"\n\"n\": \"é\\U0001F600\"\no: \"tab\\there\"\np: '''q'''\nq: '\"'\nr: "
       "=\ns: <<\nt: \"2001-01-01\"\nu: \"0o7\"\nv: \"y\"\nw: \"\\x01\"\n"},
      {R"({"a":[],"b":{},"c":[1,[2,3],{"x":1,"y":[]}],"d":null,"e":1.5,"f":true,"g":1e30,"h":1e-7})",
       "a: []\nb: {}\nc:\n- 1\n- - 2\n  - 3\n- x: 1\n  \"y\": []\nd: null\ne: 1.5\nf: true\ng: 1e+30\nh: 1e-07\n"},
      {R"([])", "[]\n"},
      {R"("x")", "x\n"},
      {R"({"a10":1,"a2":2,"B":3,"b":4,"a/b":5,"a.b":6,"1":7,"true":8})",
       "\"1\": 7\nB: 3\na.b: 6\na/b: 5\na2: 2\na10: 1\nb: 4\n\"true\": 8\n"},
      {R"({"long":"aaaaaaaaaaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb cccccccccccccccccccccccc dddddddddddddddddddddddd eeeeeeeeeeeeeeee","longq":"aaaaaaaaaaaaaaaaaaaaaaaa: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb cccccccccccccccccccccccc dddddddddddddddddddddddd eeeeeeeeeeeeeeee"})",
       "long: aaaaaaaaaaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb cccccccccccccccccccccccc\n  "
       "dddddddddddddddddddddddd eeeeeeeeeeeeeeee\nlongq: 'aaaaaaaaaaaaaaaaaaaaaaaa: "
       "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb cccccccccccccccccccccccc\n  dddddddddddddddddddddddd "
       "eeeeeeeeeeeeeeee'\n"},
      {R"({"a":"x\n\n","b":"\nx","c":" x\ny","d":"x \ny","e":"\n","f":"x\r\ny"})",
       "a: |+\n  x\n\nb: |2-\n\n  x\nc: |2-\n   x\n  y\nd: \"x \\ny\"\ne: |2+\n\nf: \"x\\r\\ny\"\n"},
      {R"({"a":"0x1f","b":"1_0","c":".inf","d":"+.inf","e":".nan","f":"null","g":"012","h":"09","i":"1e3","j":"1.","k":"a\u2028b","l":"{}","m":"*a","n":"a,b","o":"x:","p":"...","q":"---","r":"?","s":"!x","t":"%x","u":"@x","v":"`x","w":"&x","x":"|","z":">"})",
       "a: \"0x1f\"\nb: \"1_0\"\nc: \".inf\"\nd: \"+.inf\"\ne: \".nan\"\nf: \"null\"\ng: \"012\"\nh: \"09\"\ni: "
       "\"1e3\"\nj: \"1.\"\nk: 'a\u2028  b'\nl: '{}'\nm: '*a'\n\"n\": a,b\no: 'x:'\np: '...'\nq: '---'\nr: '?'\ns: "
       "'!x'\nt: '%x'\nu: '@x'\nv: '`x'\nw: '&x'\nx: '|'\nz: '>'\n"},
  };
  for (const Case& c : cases) {
    INFO(c.json);
    const Value v = *Parse(c.json);
    const std::string yaml = WriteYaml(v);
    CHECK(yaml == c.yaml);
  }
}

}  // namespace
}  // namespace atoll::json
