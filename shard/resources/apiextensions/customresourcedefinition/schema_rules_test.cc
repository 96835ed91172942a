#include "shard/resources/apiextensions/customresourcedefinition/schema_rules.h"

#include <catch2/catch.hpp>

#include <algorithm>

#include "common/json/parse.h"

namespace atoll::resources {
namespace {

json::Value Json(std::string_view text) {
  INFO(text);
  auto parsed = json::Parse(text);
  REQUIRE(parsed.ok());
  return *std::move(parsed);
}

std::vector<std::string> Lines(std::string_view schema, bool has_status = false) {
  std::vector<std::string> lines;
  for (const auto& e : CheckSchema(Json(schema), "s", has_status)) lines.push_back(e.Line());
  return lines;
}

TEST_CASE("what makes a schema structural", "[resources]") {
  struct Row {
    const char* schema;
    std::vector<std::string> lines;
  };
  const Row rows[] = {
      {R"({"type":"object"})", {}},
      {R"({"type":"object","x-kubernetes-preserve-unknown-fields":true,"properties":{"a":{"x-kubernetes-int-or-string":true}}})",
       {}},
      {R"({})", {"s.type: Required value: must not be empty at the root"}},
      {R"({"type":"string"})", {R"(s.type: Invalid value: "string": must be object at the root)"}},
      {R"({"type":"object","properties":{"a":{}}})",
       {"s.properties[a].type: Required value: must not be empty for specified object fields"}},
      {R"({"type":"object","properties":{"a":{"type":"array"}}})",
       {"s.properties[a].items: Required value: must be specified"}},
      {R"({"type":"object","properties":{"a":{"type":"array","items":{}}}})",
       {"s.properties[a].items.type: Required value: must not be empty for specified array items"}},
      {R"({"type":"object","additionalProperties":{"type":"string"}})",
       {"s.additionalProperties: Forbidden: must not be used at the root"}},
      {R"({"type":"object","properties":{"a":{"type":"string","anyOf":[{"type":"string","description":"d"}]}}})",
       {"s.properties[a].anyOf[0].description: Forbidden: must be empty to be structural",
        "s.properties[a].anyOf[0].type: Forbidden: must be empty to be structural"}},
      {R"({"type":"object","properties":{"a":{"x-kubernetes-int-or-string":true,"anyOf":[{"type":"integer"},{"type":"string"}]}}})",
       {}},
      {R"({"type":"object","oneOf":[{"required":["a"],"properties":{"b":{"minimum":1}}}]})",
       {"s.properties[b]: Required value: because it is defined in s.oneOf[0].properties[b]"}},
      {R"({"type":"object","properties":{"metadata":{"type":"object","properties":{"labels":{"type":"object"}}}}})",
       {"s.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata "
        "is "
        "implicitly specified"}},
      {R"({"type":"object","properties":{"metadata":{"type":"object","properties":{"name":{"type":"string","pattern":"^a"}}}}})",
       {}},
      {R"({"type":"object","properties":{"a":{"type":"object","x-kubernetes-embedded-resource":true}}})",
       {"s.properties[a].properties: Required value: must not be empty if x-kubernetes-embedded-resource is true "
        "without "
        "x-kubernetes-preserve-unknown-fields"}},
      {R"({"type":"object","properties":{"a":{"type":"string","pattern":"("}}})",
       {"s.properties[a].pattern: Invalid value: \"(\": must be a valid regular expression, but isn't: error parsing "
        "regexp: missing closing ): `(`"}},
      {R"({"type":"object","properties":{"a":{"type":"integer","default":"x"}}})",
       {R"(s.properties[a].default: Invalid value: "string":  in body must be of type integer: "string")"}},
      {R"({"type":"object","properties":{"a":{"type":"object","default":{"b":1}}}})",
       {R"(s.properties[a].default: Invalid value: {"b":1}: must not have unknown fields)"}},
  };
  for (const Row& row : rows) {
    INFO(row.schema);
    CHECK(Lines(row.schema) == row.lines);
  }
}

TEST_CASE("keywords that are not known, or not here", "[resources]") {
  struct Row {
    const char* schema;
    std::string line;
  };
  const Row rows[] = {
      {R"({"type":"object","properties":{"a":{"$ref":"x","type":"string"}}})",
       "s.properties[a].$ref: Forbidden: $ref is not supported"},
      {R"({"type":"object","properties":{"a":{"type":"array","uniqueItems":true,"items":{"type":"string"}}}})",
       "s.properties[a].uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes "
       "quadratic"},
      {R"({"type":"object","properties":{"a":{"type":"null"}}})",
       "s.properties[a].type: Forbidden: type cannot be set to null, use nullable as an alternative"},
      {R"({"type":"object","properties":{"a":{"type":"array","items":[{"type":"string"}]}}})",
       "s.properties[a].items: Forbidden: items must be a schema object and not an array"},
      {R"({"type":"object","properties":{"a":{"type":"array","items":5}}})",
       R"(s: Invalid value: "": error building validator: schema root.a.items: must be an object)"},
      {R"({"type":"object","nullable":true})", "s.nullable: Forbidden: nullable cannot be true at the root"},
      {R"({"type":"object","properties":{"a":{"type":"object","properties":{"b":{"type":"string"}},"additionalProperties":{"type":"string"}}}})",
       "s.properties[a].additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive"},
      {R"({"type":"object","properties":{"metadata":{"type":"object","default":{}}}})",
       "s.properties[metadata].default: Forbidden: must not be set in top-level metadata"},
      {R"({"type":"object","properties":{"a":{"type":"object","x-kubernetes-list-type":"set"}}})",
       "s.properties[a].type: Invalid value: \"object\": must be array if x-kubernetes-list-type is specified"},
      {R"({"type":"object","properties":{"a":{"type":"array","x-kubernetes-list-type":"map","items":{"type":"object","properties":{"k":{"type":"string"}}}}}})",
       "s.properties[a].x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is "
       "map"},
      {R"({"type":"object","properties":{"a":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["k"],"items":{"type":"object","properties":{"k":{"type":"string"}}}}}})",
       "s.properties[a].items.properties[k].default: Required value: this property is in x-kubernetes-list-map-keys, "
       "so it "
       "must have a default or be a required property"},
      {R"({"type":"object","properties":{"a":{"type":"string","x-kubernetes-validations":[{"rule":" "}]}}})",
       "s.properties[a].x-kubernetes-validations[0].rule: Required value: rule is not specified"},
      {R"({"type":"object","properties":{"a":{"type":"string","x-kubernetes-validations":[{"rule":"true","reason":"No"}]}}})",
       "s.properties[a].x-kubernetes-validations[0].reason: Unsupported value: \"No\": supported values: "
       "\"FieldValueDuplicate\", \"FieldValueForbidden\", \"FieldValueInvalid\", \"FieldValueRequired\""},
      {R"({"type":"object","properties":{"a":{"type":"string"}},"x-kubernetes-validations":[{"rule":"true","fieldPath":".b"}]})",
       "s.x-kubernetes-validations[0].fieldPath: Invalid value: \".b\": must be a valid path"},
  };
  for (const Row& row : rows) {
    INFO(row.schema);
    const auto lines = Lines(row.schema);
    CHECK(std::find(lines.begin(), lines.end(), row.line) != lines.end());
  }
}

TEST_CASE("a status subresource restricts the root", "[resources]") {
  CHECK(Lines(R"({"type":"object","required":["spec"],"properties":{"spec":{"type":"object"}}})", true).empty());
  const auto lines = Lines(R"({"type":"object","oneOf":[{"required":["a"]}]})", true);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].ends_with("fields are allowed at the root of the schema if the status subresource is enabled"));
}

TEST_CASE("formats and paths", "[resources]") {
  const json::Value schema = Json(
      R"({"type":"object","properties":{"a":{"type":"string","format":"uuid"},"b":{"type":"string","format":"odd"},
          "c":{"type":"integer","format":"int128"},"d":{"type":"object","additionalProperties":{"type":"string"}}}})");
  CHECK(UnknownFormats(schema) == std::vector<std::string>{"odd", "int128"});
  struct Row {
    const char *path, *why;
  };
  const Row rows[] = {{".a", ""},
                      {".d.x", ""},
                      {".x", "does not refer to a valid field"},
                      {".a.b", "does not refer to a valid field"},
                      {"a", "expected [ or . but got: a"},
                      {".a[0]", "array notation is not allowed"},
                      {".", "unexpected end of JSON path"}};
  for (const Row& row : rows) {
    INFO(row.path);
    std::string why;
    const bool found = FollowPath(schema, row.path, &why) != nullptr;
    CHECK(why == row.why);
    CHECK(found == why.empty());
  }
}

}  // namespace
}  // namespace atoll::resources
