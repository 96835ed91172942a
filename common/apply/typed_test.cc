#include "common/apply/typed.h"

#include "common/apply/testing_apply.h"
#include "common/base/strings.h"

namespace atoll::apply::testing {
namespace {

TEST_CASE("what a write changed") {
  struct Row {
    std::string_view before, after, changed, removed;
  } rows[] = {
      {R"({})", R"({"data":{"k":"v"}})", R"({"f:data":{".":{},"f:k":{}}})", "{}"},
      {R"({})", R"({"spec":{}})", R"({"f:spec":{}})", "{}"},
      {R"({"spec":{}})", R"({"spec":{"replicas":1}})", R"({"f:spec":{"f:replicas":{}}})", "{}"},
      {R"({})", R"({"spec":{"atomic":["a"],"ref":{"name":"x"}}})", R"({"f:spec":{".":{},"f:atomic":{},"f:ref":{}}})",
       "{}"},
      {R"({"spec":{"ref":{}}})", R"({"spec":{"ref":{"name":"x"}}})", R"({"f:spec":{"f:ref":{}}})", "{}"},
      {R"({})", R"({"tags":["b","a"]})", R"({"f:tags":{".":{},"v:\"a\"":{},"v:\"b\"":{}}})", "{}"},
      {R"({"tags":["a"]})", R"({"tags":["a","b"]})", R"({"f:tags":{"v:\"b\"":{}}})", "{}"},
      {R"({"tags":["a","b"]})", R"({"tags":["b","a"]})", "{}", "{}"},
      {R"({})", R"({"ports":[{"port":80,"name":"n"}]})",
       R"({"f:ports":{".":{},"k:{\"port\":80,\"protocol\":\"TCP\"}":{".":{},"f:name":{},"f:port":{}}}})", "{}"},
      {R"({"data":{"a":"1","b":"2"}})", R"({"data":{"b":"3"}})", R"({"f:data":{"f:b":{}}})",
       R"({"f:data":{"f:a":{}}})"},
      {R"({"data":{"a":"1"}})", R"({})", "{}", R"({"f:data":{".":{},"f:a":{}}})"},
      {R"({"data":{"a":"1"}})", R"({"data":{"a":"1"}})", "{}", "{}"},
      {R"({"data":null})", R"({"data":null})", "{}", "{}"},
      {R"({"data":null})", R"({"data":{}})", R"({"f:data":{}})", "{}"},
      // Another kind of value: it changed, and what it holds is new.
      {R"({"any":{"x":1}})", R"({"any":{"x":{"y":1}}})", R"({"f:any":{"f:x":{".":{},"f:y":{}}}})", "{}"},
      {R"({})", R"({"any":{"v":[1,2]}})", R"({"f:any":{".":{},"f:v":{}}})", "{}"},
      // An item that is there twice is one value.
      {R"({"tags":["a"]})", R"({"tags":["a","a"]})", R"({"f:tags":{"v:\"a\"":{}}})", R"({"f:tags":{"v:\"a\"":{}}})"},
      {R"({"ports":[{"port":1,"name":"a"},{"port":1}]})", R"({"ports":[{"port":1,"name":"b"},{"port":1}]})",
       R"({"f:ports":{"k:{\"port\":1,\"protocol\":\"TCP\"}":{}}})", "{}"},
  };
  for (const auto& row : rows) {
    INFO(row.before << " -> " << row.after);
    const Comparison c = Compare(TestType(), Json(row.before), Json(row.after));
    CHECK(Text(c.added.Union(c.modified)) == row.changed);
    CHECK(Text(c.removed) == row.removed);
  }
}

TEST_CASE("what an applied object owns") {
  struct Row {
    std::string_view object, owned;
  } rows[] = {
      {R"({"data":{"a":"1"},"spec":{"replicas":2}})", R"({"f:data":{"f:a":{}},"f:spec":{"f:replicas":{}}})"},
      {R"({"data":{}})", R"({"f:data":{}})"},
      {R"({"spec":null})", R"({"f:spec":{}})"},
      {R"({"tags":["x"]})", R"({"f:tags":{"v:\"x\"":{}}})"},
      {R"({"tags":[]})", "{}"},
      {R"({"tags":["x","y","x"]})", R"({"f:tags":{"v:\"x\"":{},"v:\"y\"":{}}})"},
      {R"({"ports":[{"port":80}]})", R"({"f:ports":{"k:{\"port\":80,\"protocol\":\"TCP\"}":{".":{},"f:port":{}}}})"},
      {R"({"spec":{"ref":{"name":"a"},"atomic":["x"]}})", R"({"f:spec":{"f:atomic":{},"f:ref":{}}})"},
      {R"({"any":{"a":{"b":[{"c":1}]}}})", R"({"f:any":{"f:a":{".":{},"f:b":{}}}})"},
      {R"({})", "{}"},
  };
  for (const auto& row : rows) CHECK(Text(Collect(TestType(), Json(row.object))) == row.owned);
}

TEST_CASE("merging") {
  struct Row {
    std::string_view live, config, merged;
  } rows[] = {
      {R"({"data":{"a":"1"}})", R"({"data":{"b":"2"}})", R"({"data":{"a":"1","b":"2"}})"},
      {R"({"data":{"a":"1"}})", R"({"data":{}})", R"({"data":{"a":"1"}})"},
      {R"({"data":{"a":"1"}})", R"({"data":null})", R"({"data":{"a":"1"}})"},
      {R"({"data":{}})", R"({"data":null})", R"({"data":null})"},
      {R"({"spec":{"replicas":1}})", R"({"spec":{"replicas":null}})", R"({"spec":{"replicas":null}})"},
      {R"({"spec":{"atomic":["a"],"ref":{"name":"x"}}})", R"({"spec":{"atomic":["b"],"ref":{}}})",
       R"({"spec":{"atomic":["b"],"ref":{}}})"},
      {R"({"tags":["a","b"]})", R"({"tags":["c","a"]})", R"({"tags":["c","a","b"]})"},
      {R"({"tags":["a","b","c"]})", R"({"tags":["c","a"]})", R"({"tags":["b","c","a"]})"},
      {R"({"tags":["x","a","y","b","z"]})", R"({"tags":["b","n","a"]})", R"({"tags":["x","y","b","z","n","a"]})"},
      {R"({"tags":["a","a","b"]})", R"({"tags":["b"]})", R"({"tags":["a","a","b"]})"},
      {R"({"tags":["a","a","b"]})", R"({"tags":["a"]})", R"({"tags":["a","b"]})"},
      {R"({"tags":["a"]})", R"({"tags":[]})", R"({"tags":["a"]})"},
      {R"({"ports":[{"port":80,"name":"a","protocol":"TCP"}]})", R"({"ports":[{"port":80,"hosts":[{"name":"h"}]}]})",
       R"({"ports":[{"port":80,"name":"a","protocol":"TCP","hosts":[{"name":"h"}]}]})"},
      {R"({"ports":[{"port":80,"protocol":"UDP"}]})", R"({"ports":[{"port":80}]})",
       R"({"ports":[{"port":80,"protocol":"UDP"},{"port":80}]})"},
      {R"({"any":{"x":1}})", R"({"any":{"x":{"y":2}}})", R"({"any":{"x":{"y":2}}})"},
      {R"({"any":{"x":{"z":1}}})", R"({"any":{"x":[1]}})", R"({"any":{"x":[1]}})"},
      {R"({"any":{"x":{"z":1}}})", R"({"any":{"x":null}})", R"({"any":{"x":{"z":1}}})"},
  };
  for (const auto& row : rows) {
    INFO(row.live << " + " << row.config);
    json::Value live = Json(row.live);
    MergeInto(TestType(), Json(row.config), &live);
    CHECK(json::Write(live) == row.merged);
  }
}

TEST_CASE("removing") {
  struct Row {
    std::string_view object, fields, rest;
  } rows[] = {
      {R"({"data":{"a":"1","b":"2"}})", R"({"f:data":{"f:a":{}}})", R"({"data":{"b":"2"}})"},
      {R"({"data":{"a":"1"}})", R"({"f:data":{"f:a":{}}})", R"({"data":{}})"},
      {R"({"data":{"a":"1"}})", R"({"f:data":{".":{},"f:b":{}}})", R"({})"},
      {R"({"tags":["a","b"]})", R"({"f:tags":{"v:\"a\"":{}}})", R"({"tags":["b"]})"},
      {R"({"tags":["a"]})", R"({"f:tags":{"v:\"a\"":{}}})", R"({"tags":[]})"},
      {R"({"ports":[{"port":1,"name":"n"},{"port":2}]})",
       R"({"f:ports":{"k:{\"port\":1,\"protocol\":\"TCP\"}":{"f:name":{}},"k:{\"port\":2,\"protocol\":\"TCP\"}":{}}})",
       R"({"ports":[{"port":1}]})"},
      {R"({"spec":{"replicas":1}})", R"({"f:data":{"f:a":{}},"f:spec":{"f:none":{}}})", R"({"spec":{"replicas":1}})"},
  };
  for (const auto& row : rows) {
    INFO(row.object << " - " << row.fields);
    json::Value object = Json(row.object);
    Remove(TestType(), Fields(row.fields), &object);
    CHECK(json::Write(object) == row.rest);
  }
}

TEST_CASE("what does not fit the type") {
  struct Row {
    std::string_view object, error;
  } rows[] = {
      {R"({"data":{"a":"1"},"spec":null,"tags":null})", ""},
      {R"({"any":{"a":[1,{"b":null}]}})", ""},
      {R"({"wrong":1})", ".wrong: field not declared in schema"},
      {R"({"spec":{"x":1,"replicas":"a"},"tags":["a","a"]})",
       "errors:\n  .spec.x: field not declared in schema\n  .tags: duplicate entries for key [=\"a\"]"},
      {R"({"data":{"a":1}})", ".data.a: expected string, got &value.valueUnstructured{Value:1}"},
      {R"({"data":{"a":{"x":[true,null]}}})",
       R"(.data.a: expected string, got &value.valueUnstructured{Value:map[string]interface {}{"x":[]interface {}{true, interface {}(nil)}}})"},
      {R"({"data":"x"})", ".data: expected map, got &{x}"},
      {R"({"tags":{"b":[1,2],"a":null}})", ".tags: expected list, got &{map[a:<nil> b:[1 2]]}"},
      {R"({"spec":{"replicas":"a"}})", ".spec.replicas: expected numeric (int or float), got string"},
      {R"({"spec":{"on":1}})", ".spec.on: expected boolean, got &{1}"},
      {R"({"ports":[{"port":1},{"port":1,"protocol":"TCP"}]})",
       R"(.ports: duplicate entries for key [port=1,protocol="TCP"])"},
      {R"({"ports":[{"port":1,"name":2}]})",
       R"(.ports[port=1,protocol="TCP"].name: expected string, got &value.valueUnstructured{Value:2})"},
      {R"({"ports":[{"port":1,"hosts":[{"weight":1}]}]})",
       R"(.ports[port=1,protocol="TCP"].hosts: element 0: associative list with keys has an element that omits all key )"
       R"(fields ["name"] (and doesn't have default values for any key fields))"},
      {R"({"ports":[1]})", ".ports: element 0: associative list with keys may not have non-map elements"},
      {R"({"ports":[null]})", ".ports: element 0: associative list with keys may not have a null element"},
      {R"({"tags":[{}]})", ".tags: element 0: associative list without keys has an element that's a map type"},
      {R"({"tags":[null]})", ".tags: element 0: associative list without keys has an element that's an explicit null"},
      {R"({"spec":{"atomic":["a",1]}})", ".spec.atomic[1]: expected string, got &value.valueUnstructured{Value:1}"},
  };
  for (const auto& row : rows) {
    INFO(row.object);
    CHECK(ToStd(Validate(TestType(), Json(row.object), Duplicates::kRefused).message()) == row.error);
  }
  CHECK(Validate(TestType(), Json(R"({"tags":["a","a"]})"), Duplicates::kAllowed).ok());
}

TEST_CASE("a type that became atomic") {
  CHECK(Text(Reconcile(TestType(), Fields(R"({"f:spec":{"f:ref":{".":{},"f:name":{}},"f:atomic":{"v:\"a\"":{}}}})"))) ==
        R"({"f:spec":{"f:atomic":{},"f:ref":{}}})");
  CHECK(
      Text(Reconcile(TestType(), Fields(R"({"f:any":{"f:x":{"f:y":{}}},"f:data":{"f:z":{}},"f:gone":{"f:a":{}}})"))) ==
      R"({"f:any":{"f:x":{"f:y":{}}},"f:data":{"f:z":{}},"f:gone":{"f:a":{}}})");
}

TEST_CASE("fields of types are named with what lies below them") {
  CHECK(Text(WithNamedFields(TestType(), Fields(R"({"f:data":{"f:a":{}},"f:any":{"f:b":{"f:c":{}}}})"))) ==
        R"({"f:any":{".":{},"f:b":{"f:c":{}}},"f:data":{".":{},"f:a":{}}})");
}

}  // namespace
}  // namespace atoll::apply::testing
