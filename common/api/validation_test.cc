#include "common/api/validation.h"

#include <catch2/catch.hpp>

#include "common/base/strings.h"
#include "common/json/parse.h"

namespace atoll::api {
namespace {

std::vector<std::string> Lines(const FieldErrors& errors) {
  std::vector<std::string> out;
  for (const FieldError& e : errors) out.push_back(e.Line().substr(0, 60));
  return out;
}

TEST_CASE("Names by rule", "[api]") {
  struct Case {
    NameRule rule;
    std::string name;
    bool prefix;
    const char* begins;  // null: valid
  };
  const NameRule sub = NameRule::kDns1123Subdomain, label = NameRule::kDns1123Label, old = NameRule::kDns1035Label,
                 segment = NameRule::kPathSegment;
  const Case cases[] = {
      {sub, "a.b-c.d0", false, nullptr},
      {sub, "Bad_Name", false, "a lowercase RFC 1123 subdomain must"},
      {sub, "a..b", false, "a lowercase RFC 1123 subdomain must"},
      {sub, "a-", false, "a lowercase RFC 1123 subdomain must"},
      {sub, "abc-", true, nullptr},
      {sub, "-", true, "a lowercase RFC 1123 subdomain must"},
      {sub, std::string(254, 'a'), false, "must be no more than 253 characters"},
      {label, "a-1", false, nullptr},
      {label, "a.b", false, "must not contain dots"},
      {label, "A", false, "a lowercase RFC 1123 label must"},
      {label, std::string(64, 'a'), false, "must be no more than 63 characters"},
      {old, "a1", false, nullptr},
      {old, "1a", false, "a DNS-1035 label must"},
      {old, "", false, "a DNS-1035 label must"},
      {segment, "system:foo", false, nullptr},
      {segment, "..", false, "may not be '..'"},
      {segment, "a/b", false, "may not contain '/'"},
      {segment, "a%b", false, "may not contain '%'"},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    const Messages m = CheckName(c.rule, c.name, c.prefix);
    CHECK(m.empty() == (c.begins == nullptr));
    if (!m.empty() && c.begins != nullptr) CHECK(m[0].starts_with(c.begins));
  }
}

TEST_CASE("Qualified names and label values", "[api]") {
  for (const char* good : {"a", "A_b.c-d", "example.com/a", "a.b.c/Z9"}) CHECK(CheckQualifiedName(good).empty());
  struct Case {
    std::string key;
    const char* begins;
  };
  const Case cases[] = {
      {"", "name part must be non-empty"},
      {"a b", "name part must consist of"},
      {"/a", "prefix part must be non-empty"},
      {"a/", "name part must be non-empty"},
      {"A/b", "prefix part a lowercase RFC 1123 subdomain"},
      {"a/b/c", "a valid label key must consist of"},
      {std::string(64, 'a'), "name part must be no more than 63 bytes"},
  };
  for (const Case& c : cases) {
    INFO(c.key);
    const Messages m = CheckQualifiedName(c.key);
    REQUIRE_FALSE(m.empty());
    CHECK(m[0].starts_with(c.begins));
  }
  CHECK(CheckLabelValue("").empty());
  CHECK(CheckLabelValue("a_b").empty());
  CHECK(CheckLabelValue("a b")[0].starts_with("a valid label must be an empty string"));
  CHECK(CheckLabelValue(std::string(64, 'a')) == Messages{"must be no more than 63 bytes"});
}

TEST_CASE("Object metadata on create", "[api]") {
  struct Case {
    const char* metadata;
    std::vector<std::string> begins;
  };
  const Case cases[] = {
      {R"({"name":"a","namespace":"n","labels":{"a":"b"},"annotations":{"X/y":"z"},"finalizers":["a/b"]})", {}},
      {R"({"namespace":"n"})", {"metadata.name: Required value: name or generateName is required"}},
      {R"({"name":"a"})", {"metadata.namespace: Required value"}},
      {R"({"name":"a","namespace":"n.m"})", {"metadata.namespace: Invalid value: \"n.m\": must not contain dots"}},
      {R"({"name":"a","namespace":"n","generateName":"A_b-"})", {"metadata.generateName: Invalid value: \"A_b-\":"}},
      {R"({"name":"a","namespace":"n","labels":{"a b":"-"}})",
       {"metadata.labels: Invalid value: \"a b\": name part", "metadata.labels: Invalid value: \"-\": a valid label"}},
      {R"({"name":"a","namespace":"n","finalizers":["orphan","foregroundDeletion"]})",
       {"metadata.finalizers: Invalid value: [\"orphan\",\"foregroundDeletion\"]"}},
      {R"({"name":"a","namespace":"n","generation":-1})",
       {"metadata.generation: Invalid value: -1: must be greater than or equal to 0"}},
      {R"({"name":"a","namespace":"n","ownerReferences":[{"apiVersion":"g/","kind":"K","name":"","uid":"u"}]})",
       {"metadata.ownerReferences.apiVersion: Invalid value: \"g/\": version must not be empty",
        "metadata.ownerReferences.name: Invalid value: \"\": must not be empty"}},
      {R"({"name":"a","namespace":"n","ownerReferences":[{"apiVersion":"v1","kind":"Event","name":"e","uid":"u"}]})",
       {"metadata.ownerReferences: Invalid value: {\"apiVersion\""}},
      {R"({"name":"a","namespace":"n","ownerReferences":[{"apiVersion":"v1","kind":"A","name":"a","uid":"u","controller":true},
          {"apiVersion":"v1","kind":"B","name":"b","uid":"w","controller":true}]})",
       {"metadata.ownerReferences: Invalid value: [{"}},
  };
  for (const Case& c : cases) {
    INFO(c.metadata);
    const FieldErrors errors = ValidateObjectMeta(json::Object{{"metadata", *json::Parse(c.metadata)}}, {});
    INFO(StrJoin(Lines(errors), "\n"));
    REQUIRE(errors.size() == c.begins.size());
    for (size_t i = 0; i < errors.size(); ++i) CHECK(errors[i].Line().starts_with(c.begins[i]));
  }
  json::Value big = json::Object{
      {"metadata", json::Object{{"name", "a"}, {"annotations", json::Object{{"a", std::string(262144, 'x')}}}}}};
  CHECK(ValidateObjectMeta(big, {.namespaced = false})[0].Line() ==
        "metadata.annotations: Too long: may not be more than 262144 bytes");
  big.Ensure({"metadata", "namespace"}) = "n";
  CHECK(ValidateObjectMeta(big, {.namespaced = false})[0].Line() ==
        "metadata.namespace: Forbidden: not allowed on this type");
}

TEST_CASE("Object metadata on update", "[api]") {
  const json::Value before = *json::Parse(
      R"({"metadata":{"name":"a","uid":"u","resourceVersion":"1","generation":2,"deletionTimestamp":"2020-01-01T00:00:00Z","finalizers":["a/b"]}})");
  CHECK(ValidateObjectMetaUpdate(before, before).empty());
  json::Value both = before;
  both.Remove({"metadata", "deletionTimestamp"});
  both.Ensure({"metadata", "finalizers"}) = json::Array{"orphan", "foregroundDeletion"};
  const FieldErrors refused = ValidateObjectMetaUpdate(both, both);
  REQUIRE(refused.size() == 1);
  CHECK(
      refused[0].Line() ==
      R"(metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: finalizer orphan and foregroundDeletion cannot be both set)");
  both.Ensure({"metadata", "finalizers"}) = json::Array{"a b"};
  CHECK(ValidateObjectMetaUpdate(both, both).size() == 1);
  json::Value after = before;
  after.Ensure({"metadata", "name"}) = "b";
  after.Ensure({"metadata", "generation"}) = 1;
  after.Remove({"metadata", "resourceVersion"});
  after.Remove({"metadata", "deletionTimestamp"});
  after.Ensure({"metadata", "finalizers"}) = json::Array{"z", "a/b", "x"};
  std::vector<std::string> lines;
  for (const FieldError& e : ValidateObjectMetaUpdate(after, before)) lines.push_back(e.Line());
  CHECK(lines == std::vector<std::string>{
                     "metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, "
                     "found new finalizers "
                     "[]string{\"x\", \"z\"}",
                     "metadata.resourceVersion: Invalid value: \"\": must be specified for an update",
                     "metadata.generation: Invalid value: 1: must not be decremented",
                     "metadata.name: Invalid value: \"b\": field is immutable",
                     "metadata.deletionTimestamp: Invalid value: null: field is immutable",
                 });
}

TEST_CASE("LabelSelector objects are validated", "[api]") {
  const json::Value selector =
      *json::Parse(R"({"matchLabels":{"a b":"c"},"matchExpressions":[{"key":"k","operator":"In"},
      {"key":"k","operator":"Exists","values":["v"]},{"key":"k","operator":"x"}]})");
  std::vector<std::string> fields;
  for (const FieldError& e : ValidateLabelSelector(selector, "spec.selector")) fields.push_back(e.field);
  CHECK(fields == std::vector<std::string>{"spec.selector.matchLabels", "spec.selector.matchExpressions[0].values",
                                           "spec.selector.matchExpressions[1].values",
                                           "spec.selector.matchExpressions[2].operator"});
}

}  // namespace
}  // namespace atoll::api
