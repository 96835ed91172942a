#include <catch2/catch.hpp>

#include "common/json/parse.h"
#include "common/rules/compile.h"
#include "common/rules/declare.h"

namespace atoll::rules {
namespace {

json::Value Json(std::string_view text) {
  INFO(text);
  auto parsed = json::Parse(text);
  REQUIRE(parsed.ok());
  return *std::move(parsed);
}

std::vector<std::string> LinesOf(const api::FieldErrors& errors) {
  std::vector<std::string> lines;
  for (const auto& e : errors) lines.push_back(e.Line());
  return lines;
}

// `spec` with the members a, n, list (by key k), free; and `rules` on it.
json::Value Schema(std::string_view rules) {
  json::Value schema = Json(R"({"type":"object","properties":{"spec":{"type":"object","properties":{
      "a":{"type":"string","maxLength":20},"n":{"type":"integer"},"b-c":{"type":"boolean"},
      "either":{"x-kubernetes-int-or-string":true},
      "when":{"type":"string","format":"date-time"},
      "xs":{"type":"array","items":{"type":"string"}},
      "list":{"type":"array","maxItems":5,"x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["k"],
              "items":{"type":"object","required":["k"],"properties":{"k":{"type":"string"},"v":{"type":"integer"}},
                       "x-kubernetes-validations":[{"rule":"!has(oldSelf.v) || self.v >= oldSelf.v","message":"v shrinks"}]}}}}}})");
  schema.Ensure({"properties", "spec", "x-kubernetes-validations"}) = Json(rules);
  return schema;
}

TEST_CASE("what is wrong with rules", "[rules]") {
  struct Row {
    const char* rules;
    std::vector<std::string> lines;
  };
  const std::string at = "s.properties[spec].x-kubernetes-validations[0]";
  const auto printed = [](const char* rule, const char* expression = "") {
    return std::string(R"({"Rule":")") + rule + R"(","Message":"","MessageExpression":")" + expression +
           R"(","Reason":null,"FieldPath":"","OptionalOldSelf":null})";
  };
  const Row rows[] = {
      {R"([{"rule":"self.n > 1"}])", {}},
      {R"([{"rule":"self.b__dash__c"}])", {}},
      {R"([{"rule":"self.m > 1"}])",
       {at + ".rule: Invalid value: " + printed("self.m \\u003e 1") +
        ": compilation failed: ERROR: <input>:1:5: undefined field 'm'\n | self.m > 1\n | ....^"}},
      {R"([{"rule":"self.n"}])",
       {at + ".rule: Invalid value: " + printed("self.n") + ": cel expression must evaluate to a bool"}},
      {R"([{"rule":"self.n > 1","messageExpression":"self.n"}])",
       {at + ".messageExpression: Invalid value: " + printed("self.n \\u003e 1", "self.n") +
        ": messageExpression must evaluate to a string"}},
      {R"([{"rule":"self.n > 1","optionalOldSelf":true}])",
       {at + ".optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in rule"}},
      {R"x([{"rule":"self.xs.all(x, self.xs.exists_one(y, y == x))"}])x",
       {at + ".rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x (try simplifying the "
             "rule, "
             "or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)",
        at + ".rule: Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 "
             "schema",
        "s: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget "
        "by "
        "factor of more than 100x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where "
        "arrays, maps, and strings are declared)"}},
  };
  for (const Row& row : rows) {
    INFO(row.rules);
    api::FieldErrors errors;
    const RuleSetPtr rules = Compile(Schema(row.rules), "s", Costs::kChecked, &errors);
    CHECK(LinesOf(errors) == row.lines);
    CHECK((rules != nullptr) == row.lines.empty());
  }
}

TEST_CASE("old values can be told in lists of type map only", "[rules]") {
  json::Value schema = Schema("[]");
  schema.Ensure({"properties", "spec", "properties", "xs", "maxItems"}) = 5;
  schema.Ensure({"properties", "spec", "properties", "xs", "items", "maxLength"}) = 5;
  schema.Ensure({"properties", "spec", "properties", "xs", "items", "x-kubernetes-validations"}) =
      Json(R"([{"rule":"self == oldSelf"}])");
  api::FieldErrors errors;
  CHECK(Compile(schema, "s", Costs::kChecked, &errors) == nullptr);
  CHECK(LinesOf(errors) == std::vector<std::string>{"s.properties[spec].properties[xs].items.x-kubernetes-validations["
                                                    "0].rule: Invalid value: \"self == oldSelf\": "
                                                    "oldSelf cannot be used on the uncorrelatable portion of the "
                                                    "schema within s.properties[spec].properties[xs]"});
}

TEST_CASE("what rules say of objects", "[rules]") {
  struct Row {
    const char *rules, *object, *old;
    std::vector<std::string> lines, warnings;
  };
  const Row rows[] = {
      {R"([{"rule":"self.n > 1"}])", R"({"spec":{"n":2}})", "", {}, {}},
      {R"([{"rule":"self.n > 1"}])", R"({"spec":{"n":1}})", "", {"spec: Invalid value: failed rule: self.n > 1"}, {}},
      {R"([{"rule":"self.n > 1","message":" too few "}])",
       R"({"spec":{"n":1}})",
       "",
       {"spec: Invalid value: too few"},
       {}},
      {R"x([{"rule":"self.n > 1","messageExpression":"'n is ' + string(self.n)"}])x",
       R"({"spec":{"n":1}})",
       "",
       {"spec: Invalid value: n is 1"},
       {}},
      {R"([{"rule":"self.n > 1","messageExpression":"''","message":"few"}])",
       R"({"spec":{"n":1}})",
       "",
       {"spec: Invalid value: few"},
       {}},
      {R"([{"rule":"self.n > 1","reason":"FieldValueForbidden","fieldPath":".n"}])",
       R"({"spec":{"n":1}})",
       "",
       {"spec.n: Forbidden: failed rule: self.n > 1"},
       {}},
      {R"([{"rule":"self.n > 1"}])",
       R"({"spec":{}})",
       "",
       {R"(spec: Invalid value: "object": no such key: n evaluating rule: self.n > 1)"},
       {}},
      {R"([{"rule":"self.either > 1"}])",
       R"({"spec":{"either":"x"}})",
       "",
       {R"(spec: Invalid value: "object": 'no such overload': call arguments did not match a supported operator, function or macro signature for rule: self.either > 1)"},
       {}},
      // What did not change is tolerated, with a warning, unless the rule is about the change.
      {R"([{"rule":"self.n > 1"}])",
       R"({"spec":{"n":1},"x":2})",
       R"({"spec":{"n":1}})",
       {},
       {"spec: Invalid value: failed rule: self.n > 1"}},
      {R"([{"rule":"self.n >= oldSelf.n","message":"shrinks"}])",
       R"({"spec":{"n":1}})",
       R"({"spec":{"n":2}})",
       {"spec: Invalid value: shrinks"},
       {}},
      {R"([{"rule":"self.n >= oldSelf.n"}])", R"({"spec":{"n":1}})", "", {}, {}},
      {R"([{"rule":"oldSelf.hasValue() || self.n == 0","optionalOldSelf":true,"message":"starts at 0"}])",
       R"({"spec":{"n":1}})",
       "",
       {"spec: Invalid value: starts at 0"},
       {}},
      {R"([{"rule":"true"}])",
       R"({"spec":{"list":[{"k":"b","v":1},{"k":"a","v":1}]}})",
       R"({"spec":{"list":[{"k":"a","v":2},{"k":"b","v":1}]}})",
       {"spec.list[1]: Invalid value: v shrinks"},
       {}},
      {R"x([{"rule":"self.when > timestamp('2026-01-01T00:00:00Z')"}])x",
       R"({"spec":{"when":"2025-01-01T00:00:00Z"}})",
       "",
       {"spec: Invalid value: failed rule: self.when > timestamp('2026-01-01T00:00:00Z')"},
       {}},
  };
  for (const Row& row : rows) {
    INFO(row.rules);
    INFO(row.object);
    api::FieldErrors errors;
    const RuleSetPtr rules = Compile(Schema(row.rules), "s", Costs::kUnchecked, &errors);
    REQUIRE(LinesOf(errors).empty());
    REQUIRE(rules != nullptr);
    std::vector<std::string> warnings;
    const json::Value object = Json(row.object), old = *row.old == '\0' ? json::Value() : Json(row.old);
    rules->Judge(object, *row.old == '\0' ? nullptr : &old, &errors, &warnings);
    CHECK(LinesOf(errors) == row.lines);
    CHECK(warnings == row.warnings);
  }
}

TEST_CASE("the budget of an object ends its judgement", "[rules]") {
  const json::Value schema = Json(
      R"x({"type":"object","properties":{"xs":{"type":"array","items":{"type":"string"},
          "x-kubernetes-validations":[{"rule":"self.all(x, self.all(y, x == y))"}]
}
}
})x");
  ;
  api::FieldErrors errors;
  const RuleSetPtr rules = Compile(schema, "s", Costs::kUnchecked, &errors);
  REQUIRE(rules != nullptr);
  json::Array many(2000, json::Value("same"));
  json::Value object = json::Value::MakeObject();
  object.Ensure({"xs"}) = json::Value(std::move(many));
  std::vector<std::string> warnings;
  rules->Judge(object, nullptr, &errors, &warnings);
  REQUIRE(errors.size() == 1);
  CHECK(
      errors[0].Line() ==
      R"x(xs: Invalid value: "array": 'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost exceeds limit for rule: self.all(x, self.all(y, x == y)))x");
}

TEST_CASE("errors that make rules pointless", "[rules]") {
  api::FieldErrors none, fine = {api::FieldInvalid("a", 1, "x")}, pointless = {api::FieldRequired("a")};
  CHECK_FALSE(SkipRules(&none));
  CHECK_FALSE(SkipRules(&fine));
  CHECK(SkipRules(&pointless));
  CHECK(
      pointless.back().Line() ==
      "<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the "
      "existing errors to complete validation");
}

TEST_CASE("names of members in expressions", "[rules]") {
  CHECK(EscapedName("a").value() == "a");
  CHECK(EscapedName("a-b.c/d").value() == "a__dash__b__dot__c__slash__d");
  CHECK(EscapedName("a__b").value() == "a__underscores__b");
  CHECK(EscapedName("namespace").value() == "__namespace__");
  CHECK_FALSE(EscapedName("1a").has_value());
  CHECK_FALSE(EscapedName("a b").has_value());
}

}  // namespace
}  // namespace atoll::rules
