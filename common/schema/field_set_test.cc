#include "common/schema/field_set.h"

#include <catch2/catch.hpp>

#include "common/json/parse.h"
#include "common/json/write.h"
#include "common/schema/load.h"

namespace atoll::schema {
namespace {

json::Value Json(std::string_view text) {
  auto v = json::Parse(text);
  INFO(text);
  REQUIRE(v.ok());
  return *std::move(v);
}

FieldSet Fields(std::string_view text) {
  auto set = FieldSet::FromFieldsV1(Json(text));
  REQUIRE(set.ok());
  return *std::move(set);
}

SchemaPtr TestSchema() {
  static const SchemaPtr& s = *new SchemaPtr(*LoadSchema(Json(R"({"type":"object","properties":{
    "data":{"type":"object","additionalProperties":{"type":"string"}},
    "spec":{"type":"object","properties":{"replicas":{"type":"integer"},"atomic":{"type":"array","items":{"type":"string"}},
      "ref":{"type":"object","x-kubernetes-map-type":"atomic","properties":{"name":{"type":"string"}}}}},
    "tags":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}},
    "ports":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["port","protocol"],
      "items":{"type":"object","properties":{"port":{"type":"integer"},"name":{"type":"string"},
        "protocol":{"type":"string","default":"TCP"}}}}}})")));
  return s;
}

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
      {R"({})", R"({"ports":[{"port":80,"name":"n"}]})",
       R"({"f:ports":{".":{},"k:{\"port\":80,\"protocol\":\"TCP\"}":{".":{},"f:name":{},"f:port":{}}}})", "{}"},
      {R"({"data":{"a":"1","b":"2"}})", R"({"data":{"b":"3"}})", R"({"f:data":{"f:b":{}}})",
       R"({"f:data":{"f:a":{}}})"},
      {R"({"data":{"a":"1"}})", R"({})", "{}", R"({"f:data":{".":{},"f:a":{}}})"},
      {R"({"data":{"a":"1"}})", R"({"data":{"a":"1"}})", "{}", "{}"},
      {R"({"rules":null})", R"({"rules":null})", "{}", "{}"},
      {R"({"x":1})", R"({"x":{"y":1}})", R"({"f:x":{}})", "{}"},
      {R"({})", R"({"u":{"v":[1,2]}})", R"({"f:u":{".":{},"f:v":{}}})", "{}"},
  };
  for (const auto& row : rows) {
    INFO(row.before << " -> " << row.after);
    FieldSet::Changes c = FieldSet::Compare(TestSchema().get(), Json(row.before), Json(row.after));
    CHECK(json::Write(c.added.Union(c.modified).ToFieldsV1()) == row.changed);
    CHECK(json::Write(c.removed.ToFieldsV1()) == row.removed);
  }
}

TEST_CASE("what an applied object owns") {
  struct Row {
    std::string_view object, owned;
  } rows[] = {
      {R"({"data":{"a":"1"},"spec":{"replicas":2}})", R"({"f:data":{"f:a":{}},"f:spec":{"f:replicas":{}}})"},
      {R"({"data":{}})", R"({"f:data":{}})"},
      {R"({"tags":["x"]})", R"({"f:tags":{"v:\"x\"":{}}})"},
      {R"({"ports":[{"port":80}]})", R"({"f:ports":{"k:{\"port\":80,\"protocol\":\"TCP\"}":{".":{},"f:port":{}}}})"},
      {R"({"spec":{"ref":{"name":"a"},"atomic":["x"]}})", R"({"f:spec":{"f:atomic":{},"f:ref":{}}})"},
      {R"({})", "{}"},
  };
  for (const auto& row : rows)
    CHECK(json::Write(FieldSet::OfApplied(TestSchema().get(), Json(row.object)).ToFieldsV1()) == row.owned);
}

TEST_CASE("sets survive their text form") {
  for (std::string_view text : {R"({"f:data":{".":{},"f:k":{}}})",
                                R"({"f:a":{"k:{\"name\":\"x\"}":{".":{},"f:b":{}},"v:1":{},"i:0":{}}})", "{}"}) {
    CHECK(json::Write(Fields(text).ToFieldsV1()) == text);
  }
  for (std::string_view text : {R"({"x":{}})", R"({"k:{":{}})", R"({"f:a":1})", R"({"q:a":{}})", "[]"}) {
    INFO(text);
    CHECK_FALSE(FieldSet::FromFieldsV1(Json(text)).ok());
  }
}

TEST_CASE("union, difference, intersection") {
  FieldSet a = Fields(R"({"f:data":{".":{},"f:x":{},"f:y":{}}})"),
           b = Fields(R"({"f:data":{"f:y":{},"f:z":{}},"f:spec":{}})");
  CHECK(json::Write(a.Union(b).ToFieldsV1()) == R"({"f:data":{".":{},"f:x":{},"f:y":{},"f:z":{}},"f:spec":{}})");
  CHECK(json::Write(a.Difference(b).ToFieldsV1()) == R"({"f:data":{".":{},"f:x":{}}})");
  CHECK(json::Write(a.Intersection(b).ToFieldsV1()) == R"({"f:data":{"f:y":{}}})");
  CHECK(a.Difference(a).empty());
  CHECK(a.Has({"f:data", "f:x"}));
  CHECK_FALSE(b.Has({"f:data"}));
}

TEST_CASE("removing members takes emptied parents along") {
  FieldSet a = Fields(R"({"f:metadata":{"f:name":{}},"f:data":{"f:x":{}}})");
  a.RemoveMembers({"metadata", "name"});
  a.RemoveMembers({"no", "such"});
  CHECK(json::Write(a.ToFieldsV1()) == R"({"f:data":{"f:x":{}}})");
}

}  // namespace
}  // namespace atoll::schema
