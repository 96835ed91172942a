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
  };
  for (const Row& row :
       {Row{"[]", 400}, Row{R"({"data":{"$patch":"x"}})", 400}, Row{R"({"secrets":[{"namespace":"x"}]})", 500},
        Row{R"({"secrets":["x"]})", 422}, Row{R"({"data":{"$retainKeys":["a"],"c":"3"}})", 422},
        Row{R"({"metadata":{"$deleteFromPrimitiveList/finalizers":"a"}})", 400},
        Row{R"({"secrets":[{"name":"a"}],"$setElementOrder/secrets":1})", 400}}) {
    json::Value object = Json(R"({"data":{"a":"1"}})");
    CHECK(api::HttpCode(ApplyStrategicMergePatch(*ConfigMaps(), Json(row.patch), &object)) == row.code);
  }
}

}  // namespace
}  // namespace atoll::registry::testing
