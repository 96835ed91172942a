#include "common/api/selectors.h"

#include <catch2/catch.hpp>

#include "common/api/errors.h"
#include "common/base/strings.h"
#include "common/json/parse.h"

namespace atoll::api {
namespace {

TEST_CASE("Label selectors match as Kubernetes' do", "[api]") {
  const json::Value object = *json::Parse(R"({"metadata":{"labels":{"tier":"x","n":"5","empty":"","in":"in"}}})");
  struct Case {
    const char* selector;
    bool matches;
  };
  const Case cases[] = {
      {"", true},
      {"tier", true},
      {"none", false},
      {"!none", true},
      {"!tier", false},
      {"tier=x", true},
      {"tier==x", true},
      {"tier=y", false},
      {"tier!=y", true},
      {"tier!=x", false},
      {"none!=x", true},
      {"tier in (x,y)", true},
      {"tier in (y)", false},
      {"tier notin (y)", true},
      {"none notin (y)", true},
      {"tier notin (x , y)", false},
      {"n>4", true},
      {"n>5", false},
      {"n<6", true},
      {"n<1", false},
      {"tier>1", false},
      {"empty=", true},
      {"empty in ()", true},
      {"tier in (,x)", true},
      {"tier in (x),!absent", true},
      {"tier = x , n = 5", true},
      {"in in (in)", true},
      {"in=in", true},
      {"empty=,tier=x", true},
  };
  for (const Case& c : cases) {
    INFO(c.selector);
    const absl::StatusOr<LabelSelector> s = LabelSelector::Parse(c.selector);
    INFO(s.status().ToString());
    REQUIRE(s.ok());
    CHECK(s->Matches(object) == c.matches);
  }
  CHECK_FALSE(LabelSelector::Parse("a")->Matches(json::Value()));
  CHECK(LabelSelector::Parse("a!=b")->Matches(json::Value()));
}

TEST_CASE("Broken label selectors are refused with Kubernetes' words", "[api]") {
  struct Case {
    const char* selector;
    const char* error;
  };
  const Case cases[] = {
      {"a b c", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"},
      {",a", "found ',', expected: !, identifier, or 'end of string'"},
      {"=a", "found '=', expected: !, identifier, or 'end of string'"},
      {"a,", "found '', expected: identifier after ','"},
      {"a,,b", "found ',', expected: identifier after ','"},
      {"a=b c", "found 'c', expected: ',' or 'end of string'"},
      {"!", "unable to parse requirement: found '', expected: identifier"},
      {"a=(", "unable to parse requirement: found '(', expected: identifier"},
      {"a in b", "unable to parse requirement: found 'b' expected: '('"},
      {"a in (b", "unable to parse requirement: found '', expected: ',' or ')'"},
      {"a in (b c)", "unable to parse requirement: found 'c', expected: ',' or ')'"},
      {"a in (=)", "unable to parse requirement: found '=', expected: ',', ')' or identifier"},
      {"a in (b,=)", "unable to parse requirement: found '=', expected: ',', or identifier"},
      {"a>b",
       "unable to parse requirement: values[0]: Invalid value: \"b\": for 'Gt', 'Lt' operators, the value must be an "
       "integer"},
      {"a=-b",
       "unable to parse requirement: values[0][a]: Invalid value: \"-b\": a valid label must be an empty string or "
       "consist of alphanumeric "
       "characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or "
       "'my_value',  or '12345', "
       "regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"},
  };
  for (const Case& c : cases) {
    INFO(c.selector);
    const absl::Status status = LabelSelector::Parse(c.selector).status();
    CHECK(StrCat(status.message()) == c.error);
    CHECK(Reason(status) == "BadRequest");
  }
}

TEST_CASE("LabelSelector objects", "[api]") {
  const json::Value object = *json::Parse(R"({"metadata":{"labels":{"a":"1"}}})");
  CHECK_FALSE(LabelSelector::FromObject(nullptr)->Matches(object));
  struct Case {
    const char* selector;
    bool ok, matches;
  };
  const Case cases[] = {
      {"{}", true, true},
      {"null", true, false},
      {R"({"matchLabels":{"a":"1"}})", true, true},
      {R"({"matchLabels":{"a":"2"}})", true, false},
      {R"({"matchExpressions":[{"key":"a","operator":"In","values":["2","1"]}]})", true, true},
      {R"({"matchExpressions":[{"key":"a","operator":"NotIn","values":["1"]}]})", true, false},
      {R"({"matchExpressions":[{"key":"b","operator":"DoesNotExist"}]})", true, true},
      {R"({"matchExpressions":[{"key":"b","operator":"Exists"}]})", true, false},
      {R"({"matchExpressions":[{"key":"b","operator":"Exists","values":["1"]}]})", false, false},
      {R"({"matchExpressions":[{"key":"b","operator":"In"}]})", false, false},
      {R"({"matchExpressions":[{"key":"b","operator":"Like"}]})", false, false},
      {R"({"matchLabels":{"-":"1"}})", false, false},
  };
  for (const Case& c : cases) {
    INFO(c.selector);
    const json::Value selector = *json::Parse(c.selector);
    const absl::StatusOr<LabelSelector> s = LabelSelector::FromObject(&selector);
    REQUIRE(s.ok() == c.ok);
    if (s.ok()) CHECK(s->Matches(object) == c.matches);
  }
}

TEST_CASE("Field selectors", "[api]") {
  const auto value_of = [](std::string_view field) -> std::string {
    return field == "metadata.name" ? "a" : field == "type" ? "x,y=z\\" : "";
  };
  struct Case {
    const char* selector;
    bool matches;
  };
  const Case cases[] = {
      {"", true},
      {"metadata.name=a", true},
      {"metadata.name==a", true},
      {"metadata.name!=a", false},
      {"metadata.name=b", false},
      {"metadata.name=a,metadata.namespace=", true},
      {"metadata.name=a,metadata.namespace!=", false},
      {R"(type=x\,y\=z\\)", true},
      {",", true},
  };
  for (const Case& c : cases) {
    INFO(c.selector);
    const absl::StatusOr<FieldSelector> s = FieldSelector::Parse(c.selector);
    REQUIRE(s.ok());
    CHECK(s->Matches(value_of) == c.matches);
  }
  CHECK(*FieldSelector::Parse("a!=b,metadata.name=x")->ExactValue("metadata.name") == "x");
  CHECK(FieldSelector::Parse("a!=b")->ExactValue("a") == nullptr);
  struct Bad {
    const char* selector;
    const char* error;
  };
  const Bad bad[] = {
      {"metadata.name", "invalid selector: 'metadata.name'; can't understand 'metadata.name'"},
      {"a=b,c", "invalid selector: 'a=b,c'; can't understand 'c'"},
      {R"(a=\x)", R"(invalid field selector: invalid escape sequence: \x)"},
      {R"(a=\)", R"(invalid field selector: invalid escape sequence: \)"},
      {"a=b=c", "invalid field selector: unescaped character in value: ="},
  };
  for (const Bad& b : bad) CHECK(StrCat(FieldSelector::Parse(b.selector).status().message()) == b.error);
  CHECK(StrCat(UnknownFieldSelector("data.k").message()) ==
        "\"data.k\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"");
  CHECK(StrCat(UnsupportedFieldLabel("spec.code").message()) == "field label not supported: spec.code");
}

}  // namespace
}  // namespace atoll::api
