#include "shard/registry/strategic_merge.h"

#include <catch2/catch.hpp>

#include "shard/registry/registry_testing.h"

namespace atoll::registry::testing {
namespace {

TEST_CASE("strategic merge patches") {
  struct Row {
    const char* object;
    const char* patch;
    const char* result;
  };
  const Row rows[] = {
      {R"({"data":{"a":"1","b":"2"}})", R"({"data":{"a":null,"c":"3"}})", R"({"data":{"b":"2","c":"3"}})"},
      {R"({"data":{"a":"1"}})", R"({"data":{"$patch":"replace","c":"3"}})", R"({"data":{"c":"3"}})"},
      {R"({"data":{"a":"1"}})", R"({"data":{"$patch":"delete"}})", R"({"data":{}})"},
      // As recorded: new elements come first, then what the server has.
      {R"({"secrets":[{"name":"one"},{"name":"two"}]})", R"({"secrets":[{"name":"three"}]})",
       R"({"secrets":[{"name":"three"},{"name":"one"},{"name":"two"}]})"},
      {R"({"secrets":[{"name":"three"},{"name":"one"},{"name":"two"}]})",
       R"({"secrets":[{"$patch":"delete","name":"one"}]})", R"({"secrets":[{"name":"three"},{"name":"two"}]})"},
      {R"({"secrets":[{"name":"a"}]})", R"({"secrets":[{"$patch":"replace"},{"name":"only"}]})",
       R"({"secrets":[{"name":"only"}]})"},
      {R"({"secrets":[{"name":"a"},{"name":"b"}]})", R"({"secrets":[{"name":"b","namespace":"x"}]})",
       R"({"secrets":[{"name":"a"},{"name":"b","namespace":"x"}]})"},
      {R"({"secrets":[{"name":"a"},{"name":"b"}]})",
       R"({"$setElementOrder/secrets":[{"name":"b"},{"name":"c"},{"name":"a"}],"secrets":[{"name":"c"}]})",
       R"({"secrets":[{"name":"b"},{"name":"c"},{"name":"a"}]})"},
      {R"({"metadata":{"finalizers":["a","b"]}})",
       R"({"metadata":{"finalizers":["c"],"$deleteFromPrimitiveList/finalizers":["a"]}})",
       R"({"metadata":{"finalizers":["c","b"]}})"},
      {R"({"data":{"a":"1","b":"2"}})", R"({"data":{"$retainKeys":["a","c"],"c":"3"}})",
       R"({"data":{"a":"1","c":"3"}})"},
  };
  for (const Row& row : rows) {
    json::Value object = Json(row.object);
    INFO(row.patch);
    REQUIRE(ApplyStrategicMergePatch(*ConfigMaps(), Json(row.patch), &object).ok());
    CHECK(json::Write(object) == row.result);
  }
}

TEST_CASE("strategic merge patches that are refused") {
  struct Row {
    const char* patch;
    int code;
    const char* message;
  };
  const char* object = R"({"data":{"a":"1"},"secrets":[{"name":"b","namespace":"n"}]})";
  for (const Row& row : {
           Row{"[]", 400, "invalid JSON document"},
           Row{R"({"data":{"$patch":"x"}})", 500, "unknown patch type: x in map: map[$patch:x]"},
           Row{R"({"data":{"$patch":"merge","b":"2"}})", 500,
               "unknown patch type: merge in map: map[$patch:merge b:2]"},
           Row{R"({"secrets":[{"namespace":"x"}]})", 500,
               "map: map[namespace:x] does not contain declared merge key: name"},
           Row{R"({"secrets":[{"$patch":"delete"}]})", 500,
               "map: map[$patch:delete] does not contain declared merge key: name"},
           Row{R"({"secrets":["x"]})", 500, "list element types are not identical: [[map[name:b namespace:n]] [x]]"},
           Row{R"({"secrets":[["x"]]})", 500,
               "list element types are not identical: [[map[name:b namespace:n]] [[x]]]"},
           Row{R"({"data":{"$retainKeys":["a"],"c":"3"}})", 400, "invalid patch format of retainKeys"},
           Row{R"({"data":{"$retainKeys":"a"}})", 400, "invalid patch format of retainKeys"},
           Row{R"({"secrets":[{"name":"a"}],"$setElementOrder/secrets":1})", 500,
               "expected a []interface {}, but received a int64"},
           Row{R"({"secrets":[{"name":"a"}],"$setElementOrder/secrets":[{"name":"x"}]})", 500,
               "The order in patch list:\n[map[name:a]]\n doesn't match $setElementOrder list:\n[map[name:x]]\n"},
       }) {
    INFO(row.patch);
    json::Value patched = Json(object);
    const absl::Status status = ApplyStrategicMergePatch(*ConfigMaps(), Json(row.patch), &patched);
    CHECK(api::HttpCode(status) == row.code);
    CHECK(Message(status) == row.message);
  }
}

}  // namespace
}  // namespace atoll::registry::testing
