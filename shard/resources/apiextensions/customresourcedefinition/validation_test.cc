#include "shard/resources/apiextensions/customresourcedefinition/validation.h"

#include <catch2/catch.hpp>

#include <algorithm>

#include "common/api/object.h"
#include "common/base/strings.h"
#include "common/json/parse.h"

namespace atoll::resources {
namespace {

json::Value Json(std::string_view text) {
  INFO(text);
  auto parsed = json::Parse(text);
  REQUIRE(parsed.ok());
  return *std::move(parsed);
}

json::Value Definition() {
  return Json(R"({"metadata":{"name":"gears.example.dev"},"spec":{"group":"example.dev","scope":"Namespaced",
      "names":{"plural":"gears","singular":"gear","kind":"Gear","listKind":"GearList"},"conversion":{"strategy":"None"},
      "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":
      {"spec":{"type":"object","properties":{"color":{"type":"string"}}}}}}}]},"status":{"storedVersions":["v1"]}})");
}

std::vector<std::string> LinesOf(const api::FieldErrors& errors) {
  std::vector<std::string> lines;
  for (const auto& e : errors) lines.push_back(e.Line());
  return lines;
}

TEST_CASE("what a definition must be", "[resources]") {
  // A JSON pointer of members and indexes, and what stands there instead.
  struct Row {
    const char *merge, *line;
  };
  const Row rows[] = {
      {R"({"spec":{"group":"dev"}})", "spec.group: Invalid value: \"dev\": should be a domain with at least one dot"},
      {R"({"spec":{"scope":"Everywhere"}})",
       "spec.scope: Unsupported value: \"Everywhere\": supported values: \"Cluster\", \"Namespaced\""},
      {R"({"metadata":{"name":"x"}})",
       "metadata.name: Invalid value: \"x\": must be spec.names.plural+\".\"+spec.group"},
      {R"({"spec":{"names":{"kind":""}}})", "spec.names.kind: Required value"},
      {R"({"spec":{"names":{"listKind":"Gear"}}})",
       "spec.names.listKind: Invalid value: \"Gear\": kind and listKind may not be the same"},
      {R"({"spec":{"preserveUnknownFields":true}})",
       "spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields "
       "to "
       "true in spec.versions[*].schema instead"},
      {R"({"spec":{"conversion":{"strategy":"Webhook"}}})",
       "spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook"},
      {R"({"status":{"storedVersions":["v0","v1"]}})",
       "status.storedVersions[0]: Invalid value: \"v0\": missing from spec.versions; v0 was previously a storage "
       "version, "
       "and must remain in spec.versions until a storage migration ensures no data remains persisted in v0 and removes "
       "v0 "
       "from status.storedVersions"},
  };
  CHECK(LinesOf(ValidateDefinition(Definition())).empty());
  for (const Row& row : rows) {
    INFO(row.merge);
    json::Value crd = Definition();
    const json::Value merge = Json(row.merge);
    const auto apply = [](const auto& self, const json::Value& from, json::Value* to) -> void {
      for (const auto& [name, value] : from.object()) {
        if (value.is_object()) {
          self(self, value, &to->object()[name]);
        } else {
          to->object().Set(name, value);
        }
      }
    };
    apply(apply, merge, &crd);
    const auto lines = LinesOf(ValidateDefinition(crd));
    CHECK(std::find(lines.begin(), lines.end(), row.line) != lines.end());
  }
}

TEST_CASE("what a version must be", "[resources]") {
  struct Row {
    const char *member, *value, *line;
  };
  const Row rows[] = {
      {"name", R"("V1")",
       "spec.versions[0].name: Invalid value: \"V1\": a DNS-1035 label must consist of lower case alphanumeric "
       "characters or "
       "'-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or "
       "'abc-123', "
       "regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"},
      {"schema", "{}", "spec.versions[0].schema.openAPIV3Schema: Required value"},
      {"deprecationWarning", R"("gone soon")",
       "spec.versions[0].deprecationWarning: Invalid value: \"gone soon\": can only be set for deprecated versions"},
      {"subresources", R"({"scale":{"specReplicasPath":".status.n","statusReplicasPath":".status.n"}})",
       "spec.subresources.scale.specReplicasPath: Invalid value: \".status.n\": should be a json path under .spec"},
      {"additionalPrinterColumns", R"([{"name":"a","type":"text","jsonPath":".a"}])",
       "spec.additionalPrinterColumns[0].type: Invalid value: \"text\": must be one of "
       "boolean,date,integer,number,string"},
      {"selectableFields", R"([{"jsonPath":".spec"}])",
       "spec.selectableFields[0].jsonPath: Invalid value: \".spec\": must point to a field of type string, boolean or "
       "integer. Enum string fields and strings with formats are allowed."},
      {"selectableFields", R"([{"jsonPath":".spec.color"},{"jsonPath":".spec.color"}])",
       "spec.selectableFields[1].jsonPath: Duplicate value: \".spec.color\""},
  };
  for (const Row& row : rows) {
    INFO(row.member);
    json::Value crd = Definition();
    crd.At({"spec", "versions"})->array()[0].object().Set(row.member, Json(row.value));
    const auto lines = LinesOf(ValidateDefinition(crd));
    CHECK(std::find(lines.begin(), lines.end(), row.line) != lines.end());
  }
}

TEST_CASE("parts that differ between versions are named by their version", "[resources]") {
  json::Value crd = Definition();
  json::Array& versions = crd.At({"spec", "versions"})->array();
  json::Value second = versions[0];
  second.Ensure({"name"}) = "v2";
  second.Ensure({"storage"}) = false;
  second.Ensure({"schema", "openAPIV3Schema"}) = Json(R"({"type":"string"})");
  versions.push_back(second);
  CHECK(LinesOf(ValidateDefinition(crd)) ==
        std::vector<std::string>{
            "spec.versions[1].schema.openAPIV3Schema.type: Invalid value: \"string\": must be object at the root"});
}

TEST_CASE("what an update may not change", "[resources]") {
  json::Value old = Definition();
  old.Ensure({"status", "conditions"}) = Json(R"([{"type":"Established","status":"True"}])");
  json::Value crd = old;
  crd.Ensure({"spec", "scope"}) = "Cluster";
  crd.Ensure({"spec", "names", "kind"}) = "Wheel";
  CHECK(LinesOf(ValidateDefinitionUpdate(crd, old)) ==
        std::vector<std::string>{"spec.scope: Invalid value: \"Cluster\": field is immutable",
                                 "spec.names.kind: Invalid value: \"Wheel\": field is immutable"});
  old.Remove({"status", "conditions"});
  CHECK(ValidateDefinitionUpdate(crd, old).empty());
}

TEST_CASE("protected groups need an approval", "[resources]") {
  struct Row {
    const char *annotation, *reason;
  };
  const Row rows[] = {{"", "MissingAnnotation"},
                      {"https://example.dev/pull/1", "ApprovedAnnotation"},
                      {"unapproved, an experiment", "UnapprovedAnnotation"},
                      {"yes", "InvalidAnnotation"}};
  for (const Row& row : rows) {
    INFO(row.annotation);
    json::Value crd = Definition();
    crd.Ensure({"spec", "group"}) = "test.k8s.io";
    if (*row.annotation != '\0') api::SetAnnotation(&crd, "api-approved.kubernetes.io", row.annotation);
    CHECK(ApprovalOf(crd).reason == row.reason);
  }
  CHECK(ApprovalOf(Definition()).reason.empty());
}

}  // namespace
}  // namespace atoll::resources
