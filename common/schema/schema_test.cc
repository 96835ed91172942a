#include "common/schema/schema.h"

#include <catch2/catch.hpp>

#include "common/base/strings.h"
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

SchemaPtr Loaded(std::string_view text) {
  auto s = LoadSchema(Json(text));
  INFO(s.status().ToString());
  REQUIRE(s.ok());
  return *s;
}

constexpr std::string_view kTyped = R"({
  "io.example.v1.Thing": {"type": "object", "properties": {
    "kind": {"type": "string"}, "apiVersion": {"type": "string"},
    "metadata": {"$ref": "io.example.v1.ObjectMeta", "default": {}},
    "data": {"type": "object", "additionalProperties": {"type": "string", "default": ""}},
    "immutable": {"type": "boolean", "x-atoll-keep-empty": true},
    "count": {"type": "integer", "format": "int32"},
    "rules": {"type": "array", "default": null, "items": {"$ref": "io.example.v1.Rule", "default": {}}},
    "when": {"$ref": "io.k8s.apimachinery.pkg.apis.meta.v1.Time"},
    "exact": {"$ref": "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime"},
    "amount": {"$ref": "io.k8s.apimachinery.pkg.api.resource.Quantity"},
    "bytes": {"type": "object", "additionalProperties": {"type": "string", "format": "byte"}},
    "raw": {"type": "object", "x-atoll-opaque": true},
    "spec": {"$ref": "io.example.v1.Spec", "default": {}}}},
  "io.k8s.apimachinery.pkg.apis.meta.v1.Time": {"type": "string", "format": "date-time"},
  "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime": {"type": "string", "format": "date-time"},
  "io.k8s.apimachinery.pkg.api.resource.Quantity": {"oneOf": [{"type": "string"}, {"type": "number"}]},
  "io.example.v1.ObjectMeta": {"type": "object", "properties": {"name": {"type": "string"},
    "labels": {"type": "object", "additionalProperties": {"type": "string", "default": ""}}}},
  "io.example.v1.Rule": {"type": "object", "properties": {
    "verbs": {"type": "array", "default": null, "items": {"type": "string", "default": ""}}}},
  "io.example.v1.Spec": {"type": "object", "properties": {"next": {"$ref": "io.example.v1.Spec"}, "x": {"type": "integer"}}}
})";

SchemaPtr Thing() {
  static const Definitions& all = *new Definitions(*Definitions::Load({kTyped}));
  return all.Find("io.example.v1.Thing");
}

TEST_CASE("definitions refer to each other and to themselves") {
  SchemaPtr thing = Thing();
  const Schema* spec = thing->Property("spec");
  REQUIRE(spec != nullptr);
  CHECK(spec->name == "io.example.v1.Spec");
  CHECK(spec->default_value.has_value());
  const Schema* next = spec->Property("next");
  CHECK(next->Property("next") == next);
  CHECK_FALSE(next->default_value.has_value());
}

TEST_CASE("broken definitions are refused") {
  for (std::string_view text : {R"({"a": {"$ref": "b"}})", R"({"a": {"type": "strange"}})",
                                R"({"a": {"type": "string", "pattern": "["}})", R"({"a": 1})", R"([])", R"({)"}) {
    INFO(text);
    CHECK_FALSE(Definitions::Load({text}).ok());
  }
  CHECK_FALSE(Definitions::Load({R"({"a": {}})", R"({"a": {}})"}).ok());
}

TEST_CASE("canonical form of compiled-in types") {
  struct Row {
    std::string_view in, out;
  } rows[] = {
      {R"({})", R"({"metadata":{},"rules":null,"spec":{}})"},
      {R"({"data":{"b":"1","a":null},"kind":"Thing","unknown":1,"metadata":{"labels":{},"name":"n"}})",
       R"({"kind":"Thing","metadata":{"name":"n"},"data":{"a":"","b":"1"},"rules":null,"spec":{}})"},
      {R"({"immutable":false,"count":0,"data":{},"rules":[]})",
       R"({"metadata":{},"immutable":false,"rules":null,"spec":{}})"},
      {R"({"when":"2020-01-01T02:00:00.5+02:00","exact":"2020-01-01T02:00:00.123456+02:00","amount":"1.50"})",
       R"({"metadata":{},"rules":null,"when":"2020-01-01T00:00:00Z","exact":"2020-01-01T00:00:00.123456Z","amount":"1500m","spec":{}})"},
      {R"({"amount":2,"bytes":{"b":"Y\nQ==","a":null,"c":"YR=="}})",
       R"({"metadata":{},"rules":null,"amount":"2","bytes":{"a":"","b":"YQ==","c":"YQ=="},"spec":{}})"},
      {R"({"rules":[{}],"raw":{"z":null,"a":""}})",
       R"({"metadata":{},"rules":[{"verbs":null}],"raw":{"z":null,"a":""},"spec":{}})"},
  };
  for (const auto& row : rows) {
    json::Value v = Json(row.in);
    Canonicalize(*Thing(), &v);
    CHECK(json::Write(v) == row.out);
  }
}

TEST_CASE("wrong types in Go's words") {
  struct Row {
    std::string_view in, error;
  } rows[] = {
      {R"({"data":{"k":5}})", "json: cannot unmarshal number into Go struct field Thing.data of type string"},
      {R"({"metadata":{"name":true}})",
       "json: cannot unmarshal bool into Go struct field ObjectMeta.metadata.name of type string"},
      {R"({"metadata":[]})", "json: cannot unmarshal array into Go struct field Thing.metadata of type v1.ObjectMeta"},
      {R"({"rules":{}})", "json: cannot unmarshal object into Go struct field Thing.rules of type []v1.Rule"},
      {R"({"rules":[{"verbs":"get"}]})",
       "json: cannot unmarshal string into Go struct field Rule.rules.verbs of type []string"},
      {R"({"data":"x"})", "json: cannot unmarshal string into Go struct field Thing.data of type map[string]string"},
      {R"({"count":3000000000})",
       "json: cannot unmarshal number 3000000000 into Go struct field Thing.count of type int32"},
      {R"({"count":null,"data":null,"raw":[1]})", ""},
      {R"({"when":"soon"})", R"(parsing time "soon" as "2006-01-02T15:04:05Z07:00": cannot parse "soon" as "2006")"},
      {R"({"exact":"2020-01-01T00:00:00Z"})",
       R"(parsing time "2020-01-01T00:00:00Z" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "Z" as ".000000")"},
      {R"({"when":5})", "json: cannot unmarshal number into Go struct field Thing.when of type string"},
      {R"({"amount":"much"})",
       "quantities must match the regular expression "
       "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"},
      {R"({"bytes":{"a":"YQ"}})", "illegal base64 data at input byte 0"},
      {R"({"bytes":{"a":"YWJj_"}})", "illegal base64 data at input byte 4"},
      {R"({"bytes":{"a":"YQ=x"}})", "illegal base64 data at input byte 3"},
      {R"({"bytes":{"a":"YQ==YQ=="}})", "illegal base64 data at input byte 4"},
  };
  for (const auto& row : rows) {
    INFO(row.in);
    CHECK(ToStd(CheckTypes(*Thing(), Json(row.in), "Thing").message()) == row.error);
  }
}

TEST_CASE("unknown fields are named and pruned") {
  SchemaPtr s = Loaded(R"({"type":"object","properties":{"spec":{"type":"object","properties":{
      "list":{"type":"array","items":{"type":"object","properties":{"a":{"type":"string"}}}},
      "free":{"type":"object","x-kubernetes-preserve-unknown-fields":true,"properties":{"strict":{"type":"object"}}},
      "map":{"type":"object","additionalProperties":{"type":"object","properties":{"v":{"type":"integer"}}}}}}}})");
  json::Value v =
      Json(R"({"apiVersion":"a","kind":"K","metadata":{"name":"n"},"wrong":1,"spec":{"list":[{"a":"1","b":2}],
      "free":{"x":{"y":1},"strict":{"z":1}},"map":{"k":{"v":1,"w":2}},"no":null}})");
  CHECK(UnknownFields(*s, v) ==
        std::vector<std::string>{"wrong", "spec.list[0].b", "spec.free.strict.z", "spec.map.k.w", "spec.no"});
  Prune(*s, &v);
  CHECK(
      json::Write(v) ==
      R"({"apiVersion":"a","kind":"K","metadata":{"name":"n"},"spec":{"list":[{"a":"1"}],"free":{"x":{"y":1},"strict":{}},"map":{"k":{"v":1}}}})");
}

TEST_CASE("defaults are deep, and create no parents") {
  SchemaPtr s = Loaded(R"({"type":"object","properties":{
      "spec":{"type":"object","default":{},"properties":{"size":{"type":"integer","default":5},
        "sub":{"type":"object","properties":{"x":{"type":"string","default":"y"}}},
        "n":{"type":"string","nullable":true,"default":"d"},"m":{"type":"string","default":"d"}}}}})");
  struct Row {
    std::string_view in, out;
  } rows[] = {
      {R"({})", R"({"spec":{"size":5,"n":"d","m":"d"}})"},
      {R"({"spec":{"size":1,"sub":{},"n":null,"m":null}})", R"({"spec":{"size":1,"sub":{"x":"y"},"n":null,"m":"d"}})"},
  };
  for (const auto& row : rows) {
    json::Value v = Json(row.in);
    ApplyDefaults(*s, &v);
    CHECK(json::Write(v) == row.out);
  }
}

TEST_CASE("violations in Kubernetes' words") {
  struct Row {
    std::string_view schema, value, line;
  } rows[] = {
      {R"({"type":"integer"})", R"("x")",
       R"(spec.a: Invalid value: "string": spec.a in body must be of type integer: "string")"},
      {R"({"type":"string"})", "null",
       R"(spec.a: Invalid value: "null": spec.a in body must be of type string: "null")"},
      {R"({"type":"string","nullable":true})", "null", ""},
      {R"({"type":"string","enum":["a","b"]})", R"("x")",
       R"(spec.a: Unsupported value: "x": supported values: "a", "b")"},
      {R"({"type":"string","maxLength":5})", R"("abcdef")", "spec.a: Too long: may not be more than 5 bytes"},
      {R"({"type":"string","minLength":1})", R"("")",
       R"(spec.a: Invalid value: "": spec.a in body should be at least 1 chars long)"},
      {R"({"type":"string","pattern":"^a$"})", R"("b")",
       R"(spec.a: Invalid value: "b": spec.a in body should match '^a$')"},
      {R"({"type":"integer","maximum":5})", "6",
       "spec.a: Invalid value: 6: spec.a in body should be less than or equal to 5"},
      {R"({"type":"integer","minimum":5,"exclusiveMinimum":true})", "5",
       "spec.a: Invalid value: 5: spec.a in body should be greater than 5"},
      {R"({"type":"integer","multipleOf":2})", "3",
       "spec.a: Invalid value: 3: spec.a in body should be a multiple of 2"},
      {R"({"type":"array","maxItems":1,"items":{"type":"integer"}})", "[1,2]",
       "spec.a: Too many: 2: must have at most 1 item"},
      {R"({"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}})", R"(["x","y","x"])",
       R"(spec.a[2]: Duplicate value: "x")"},
      {R"({"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],"items":{"type":"object"}})",
       R"([{"name":"a","v":1},{"name":"a","v":2}])", R"(spec.a[1]: Duplicate value: {"name":"a"})"},
      {R"({"type":"object","required":["b"]})", "{}", "spec.a.b: Required value"},
      {R"({"type":"string","format":"date-time"})", R"("x")",
       R"(spec.a: Invalid value: "x": spec.a in body must be of type date-time: "x")"},
      {R"({"type":"object","oneOf":[{"required":["x"]},{"required":["y"]}]})", R"({"x":1,"y":1})",
       R"(<nil>: Invalid value: "": "spec.a" must validate one and only one schema (oneOf). Found 2 valid alternatives)"},
      {R"({"type":"string","not":{"enum":["system"]}})", R"("system")",
       R"(<nil>: Invalid value: "": "spec.a" must not validate the schema (not))"},
      {R"({"x-kubernetes-int-or-string":true,"anyOf":[{"type":"integer"},{"type":"string"}]})", R"("5")", ""},
      {R"({"type":"number"})", "1.5", ""},
      {R"({"type":"integer"})", "1.5",
       R"(spec.a: Invalid value: "number": spec.a in body must be of type integer: "number")"},
  };
  for (const auto& row : rows) {
    INFO(row.schema);
    SchemaPtr s = Loaded(
        StrCat(R"({"type":"object","properties":{"spec":{"type":"object","properties":{"a":)", row.schema, "}}}}"));
    api::FieldErrors errors = Validate(*s, Json(StrCat(R"({"spec":{"a":)", row.value, "}}")));
    CHECK((errors.empty() ? "" : errors.front().Line()) == row.line);
  }
}

TEST_CASE("an update tolerates what was wrong before") {
  SchemaPtr s = Loaded(
      R"({"type":"object","properties":{"a":{"type":"string","maxLength":1},"b":{"type":"string","pattern":"^x$"}}})");
  CHECK(ValidateUpdate(*s, Json(R"({"a":"1","b":"y"})"), Json(R"({"a":"2","b":"y"})")).empty());
  CHECK(ValidateUpdate(*s, Json(R"({"b":"z"})"), Json(R"({"b":"y"})")).size() == 1);
}

}  // namespace
}  // namespace atoll::schema
