#include "common/json/patch.h"

#include <catch2/catch.hpp>

#include "common/json/parse.h"
#include "common/json/write.h"

namespace atoll::json {
namespace {

// The patched document, or the refusal's code.
std::string Patched(std::string_view document, std::string_view patch) {
  Value v = *Parse(document);
  const absl::Status status = ApplyJsonPatch(*Parse(patch), &v);
  return status.ok() ? Write(v) : absl::StatusCodeToString(status.code());
}

TEST_CASE("JSON patch", "[json]") {
  struct Case {
    const char* document;
    const char* patch;
    const char* want;
  };
  const char* kRefused = "FAILED_PRECONDITION";
  const Case cases[] = {
      {R"({"a":1})", R"([])", R"({"a":1})"},
      {R"({"a":1})", R"([{"op":"add","path":"/b","value":2}])", R"({"a":1,"b":2})"},
      {R"({"a":1})", R"([{"op":"add","path":"/a","value":2}])", R"({"a":2})"},
      {R"({"a":[1,3]})", R"([{"op":"add","path":"/a/1","value":2}])", R"({"a":[1,2,3]})"},
      {R"({"a":[1]})", R"([{"op":"add","path":"/a/-","value":2}])", R"({"a":[1,2]})"},
      {R"({"a":[1]})", R"([{"op":"add","path":"/a/1","value":2}])", R"({"a":[1,2]})"},
      {R"({"a":[1]})", R"([{"op":"add","path":"/a/-1","value":2}])", R"({"a":[1,2]})"},
      {R"({"a":[1]})", R"([{"op":"add","path":"/a/2","value":2}])", kRefused},
      {R"({"a":[1]})", R"([{"op":"add","path":"/a/x","value":2}])", kRefused},
      {R"({"a":1})", R"([{"op":"add","path":"/b/c","value":2}])", kRefused},
      {R"({"a":1})", R"([{"op":"add","path":"/a/c","value":2}])", kRefused},
      {R"({"a":1})", R"([{"op":"replace","path":"","value":[]}])", R"([])"},
      {R"({"a":1})", R"([{"op":"add","path":"b","value":2}])", kRefused},
      {R"({"a":1})", R"([{"op":"add","path":"/b"}])", R"({"a":1,"b":null})"},
      {R"({"a":1})", R"([{"op":"add","value":2}])", kRefused},
      {R"({"a":{"x/y":1,"~":2}})", R"([{"op":"replace","path":"/a/x~1y","value":3},{"op":"remove","path":"/a/~0"}])",
       R"({"a":{"x/y":3}})"},
      {R"({"a":1})", R"([{"op":"remove","path":"/a"}])", R"({})"},
      {R"({"a":[1,2,3]})", R"([{"op":"remove","path":"/a/-1"}])", R"({"a":[1,2]})"},
      {R"({"a":1})", R"([{"op":"remove","path":"/b"}])", kRefused},
      {R"({"a":1})", R"([{"op":"remove","path":""}])", kRefused},
      {R"({"a":1})", R"([{"op":"replace","path":"/a","value":null}])", R"({"a":null})"},
      {R"({"a":1})", R"([{"op":"replace","path":"/b","value":1}])", R"({"a":1,"b":1})"},
      {R"({"a":[]})", R"([{"op":"replace","path":"/a/0","value":1}])", kRefused},
      {R"({"a":1})", R"([{"op":"replace","path":"/b/c","value":1}])", kRefused},
      {R"({"a":{"b":1}})", R"([{"op":"move","from":"/a/b","path":"/c"}])", R"({"a":{},"c":1})"},
      {R"({"a":{"b":1}})", R"([{"op":"move","from":"/a","path":"/a"}])", R"({"a":{"b":1}})"},
      {R"({"a":{"b":1}})", R"([{"op":"move","from":"/a","path":"/a/b"}])", kRefused},
      {R"({"a":{"b":1}})", R"([{"op":"move","from":"a","path":"a"}])", kRefused},
      {R"({"a":{"b":1}})", R"([{"op":"copy","from":"/a","path":"/c"}])", R"({"a":{"b":1},"c":{"b":1}})"},
      {R"({"a":{"b":1}})", R"([{"op":"copy","from":"/a","path":"/a/c"}])", R"({"a":{"b":1,"c":{"b":1}}})"},
      {R"({"a":1})", R"([{"op":"copy","path":"/c"}])", kRefused},
      {R"({"a":1})", R"([{"op":"copy","from":"/x","path":"/c"}])", R"({"a":1,"c":null})"},
      {R"({"a":{"b":[1]}})", R"([{"op":"test","path":"/a","value":{"b":[1.0]}}])", R"({"a":{"b":[1]}})"},
      {R"({"a":1})", R"([{"op":"test","path":"/a","value":2}])", kRefused},
      {R"({"a":1})", R"([{"op":"test","path":"/b","value":null}])", R"({"a":1})"},
      {R"({"a":1})", R"([{"op":"test","path":"/b","value":1}])", kRefused},
      {R"({"a":1})", R"([{"op":"frob","path":"/b","value":1}])", kRefused},
      {R"({"a":1})", R"({})", "INVALID_ARGUMENT"},
      {R"({"a":1})", R"([1])", "INVALID_ARGUMENT"},
  };
  for (const Case& c : cases) {
    INFO(c.patch);
    CHECK(Patched(c.document, c.patch) == c.want);
  }
  Value v;
  CHECK(ApplyJsonPatch(Value::MakeObject(), &v).message() ==
        "json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp");
  CHECK(ApplyJsonPatch(Array{"x"}, &v).message() ==
        "json: cannot unmarshal string into Go value of type handlers.jsonPatchOp");
}

TEST_CASE("RFC 6902, appendix A", "[json]") {
  struct Case {
    const char* document;
    const char* patch;
    const char* want;
  };
  const char* kRefused = "FAILED_PRECONDITION";
  const Case cases[] = {
      {R"({"foo":"bar"})", R"([{"op":"add","path":"/baz","value":"qux"}])", R"({"foo":"bar","baz":"qux"})"},
      {R"({"foo":["bar","baz"]})", R"([{"op":"add","path":"/foo/1","value":"qux"}])", R"({"foo":["bar","qux","baz"]})"},
      {R"({"baz":"qux","foo":"bar"})", R"([{"op":"remove","path":"/baz"}])", R"({"foo":"bar"})"},
      {R"({"foo":["bar","qux","baz"]})", R"([{"op":"remove","path":"/foo/1"}])", R"({"foo":["bar","baz"]})"},
      {R"({"baz":"qux","foo":"bar"})", R"([{"op":"replace","path":"/baz","value":"boo"}])",
       R"({"baz":"boo","foo":"bar"})"},
      {R"({"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}})",
       R"([{"op":"move","from":"/foo/waldo","path":"/qux/thud"}])",
       R"({"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}})"},
      {R"({"foo":["all","grass","cows","eat"]})", R"([{"op":"move","from":"/foo/1","path":"/foo/3"}])",
       R"({"foo":["all","cows","eat","grass"]})"},
      {R"({"baz":"qux","foo":["a",2,"c"]})",
       R"([{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2}])",
       R"({"baz":"qux","foo":["a",2,"c"]})"},
      {R"({"baz":"qux"})", R"([{"op":"test","path":"/baz","value":"bar"}])", kRefused},
      {R"({"foo":"bar"})", R"([{"op":"add","path":"/child","value":{"grandchild":{}}}])",
       R"({"foo":"bar","child":{"grandchild":{}}})"},
      {R"({"foo":"bar"})", R"([{"op":"add","path":"/baz","value":"qux","xyz":123}])", R"({"foo":"bar","baz":"qux"})"},
      {R"({"foo":"bar"})", R"([{"op":"add","path":"/baz/bat","value":"qux"}])", kRefused},
      {R"({"/":9,"~1":10})", R"([{"op":"test","path":"/~01","value":10}])", R"({"/":9,"~1":10})"},
      {R"({"/":9,"~1":10})", R"([{"op":"test","path":"/~01","value":"10"}])", kRefused},
      {R"({"foo":["bar"]})", R"([{"op":"add","path":"/foo/-","value":["abc","def"]}])",
       R"({"foo":["bar",["abc","def"]]})"},
  };
  for (const Case& c : cases) {
    INFO(c.patch);
    CHECK(Patched(c.document, c.patch) == c.want);
  }
}

TEST_CASE("A JSON patch cannot grow without bound", "[json]") {
  Value deep = *Parse(R"({"a":{}})");
  Array doubling;
  for (int i = 0; i < 600; ++i) doubling.push_back(*Parse(R"({"op":"copy","from":"/a","path":"/a/a"})"));
  CHECK_FALSE(ApplyJsonPatch(doubling, &deep).ok());

  Value wide = *Parse(R"({"a":[1]})");
  Array copies;
  for (int i = 0; i < 40; ++i) copies.push_back(*Parse(R"({"op":"copy","from":"/a","path":"/a/-"})"));
  CHECK_FALSE(ApplyJsonPatch(copies, &wide).ok());
}

TEST_CASE("Merge patch", "[json]") {
  struct Case {
    const char* document;
    const char* patch;
    const char* want;
  };
  const Case cases[] = {
      // RFC 7386, appendix A, and more
      {R"({"a":"b"})", R"({"a":"c"})", R"({"a":"c"})"},
      {R"({"a":"b"})", R"({"b":"c"})", R"({"a":"b","b":"c"})"},
      {R"({"a":"b"})", R"({"a":null})", R"({})"},
      {R"({"a":"b","b":"c"})", R"({"a":null})", R"({"b":"c"})"},
      {R"({"a":["b"]})", R"({"a":"c"})", R"({"a":"c"})"},
      {R"({"a":"c"})", R"({"a":["b"]})", R"({"a":["b"]})"},
      {R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})", R"({"a":{"b":"d"}})"},
      {R"({"a":[{"b":"c"}]})", R"({"a":[1]})", R"({"a":[1]})"},
      {R"(["a","b"])", R"(["c","d"])", R"(["c","d"])"},
      {R"({"a":"b"})", R"(["c"])", R"(["c"])"},
      {R"({"a":"foo"})", R"(null)", R"(null)"},
      {R"({"e":null})", R"({"a":1})", R"({"e":null,"a":1})"},
      {R"([1,2])", R"({"a":"b","c":null})", R"({"a":"b"})"},
      {R"({})", R"({"a":{"bb":{"ccc":null}}})", R"({"a":{"bb":{}}})"},
      {R"({"e":null,"f":1})", R"({"f":null})", R"({"e":null})"},
  };
  for (const Case& c : cases) {
    INFO(c.patch);
    Value v = *Parse(c.document);
    ApplyMergePatch(*Parse(c.patch), &v);
    CHECK(Write(v) == c.want);
  }
  Object document, patch;
  for (int i = 0; i < 1000; ++i) document.Append("k" + std::to_string(i), i);
  for (int i = 500; i < 1500; ++i) patch.Append("k" + std::to_string(i), i % 2 == 0 ? Value() : Value("odd"));
  Value v(std::move(document));
  ApplyMergePatch(Value(std::move(patch)), &v);
  CHECK(v.object().size() == 500 + 250 + 250);
  CHECK(v.Find("k500") == nullptr);
  CHECK(v.StringAt({"k501"}) == "odd");
  CHECK(v.StringAt({"k1499"}) == "odd");
}

}  // namespace
}  // namespace atoll::json
