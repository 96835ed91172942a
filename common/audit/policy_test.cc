#include "common/audit/policy.h"

#include <catch2/catch.hpp>

#include "common/base/strings.h"

namespace atoll::audit {
namespace {

Policy Parsed(std::string_view rules, std::string_view rest = "") {
  std::vector<std::string> warnings;
  auto policy =
      Policy::Parse(StrCat("apiVersion: audit.k8s.io/v1\nkind: Policy\n", rest, "\nrules:\n", rules), &warnings);
  REQUIRE(policy.ok());
  CHECK(warnings.empty());
  return *std::move(policy);
}

const auth::User kAnn{.name = "ann", .uid = "", .groups = {"devs", "system:authenticated"}, .extra = {}};

Subject Resource(std::string_view resource, std::string_view sub = "", std::string_view ns = "default") {
  return {.user = &kAnn,
          .verb = "get",
          .resource_request = true,
          .path = "/api",
          .group = "",
          .resource = resource,
          .subresource = sub,
          .ns = ns,
          .name = "x"};
}
Subject Path(std::string_view path) { return {.user = &kAnn, .verb = "get", .resource_request = false, .path = path}; }

TEST_CASE("Audit policies: which rule matches", "[audit]") {
  struct Case {
    const char* name;
    const char* rule;
    Subject subject;
    bool matches;
  };
  Subject nobody = Resource("pods");
  nobody.user = nullptr;
  for (const Case& c : std::vector<Case>{
           {"anything", "", Resource("pods"), true},
           {"anything, a path", "", Path("/x"), true},
           {"user", "users: [ann]", Resource("pods"), true},
           {"other user", "users: [bob]", Resource("pods"), false},
           {"user, nobody there", "users: [ann]", nobody, false},
           {"group", "userGroups: [x, devs]", Resource("pods"), true},
           {"other group", "userGroups: [ops]", Resource("pods"), false},
           {"group, nobody there", "userGroups: [devs]", nobody, false},
           {"verb", "verbs: [get]", Resource("pods"), true},
           {"other verb", "verbs: [list]", Resource("pods"), false},
           {"namespace", "namespaces: [default]", Resource("pods"), true},
           {"other namespace", "namespaces: [other]", Resource("pods"), false},
           {"no namespace", "namespaces: ['']", Resource("nodes", "", ""), true},
           {"namespace, a path", "namespaces: ['']", Path("/x"), false},
           {"group of resources", "resources: [{group: ''}]", Resource("pods"), true},
           {"any group", "resources: [{group: '*'}]", Resource("pods"), true},
           {"other group of resources", "resources: [{group: apps}]", Resource("pods"), false},
           {"resource", "resources: [{resources: [pods]}]", Resource("pods"), true},
           {"resource, a subresource of it", "resources: [{resources: [pods]}]", Resource("pods", "log"), false},
           {"subresource", "resources: [{resources: [pods/log]}]", Resource("pods", "log"), true},
           {"any subresource", "resources: [{resources: [pods/*]}]", Resource("pods", "log"), true},
           {"any subresource, the resource", "resources: [{resources: [pods/*]}]", Resource("pods"), true},
           {"subresource of any", "resources: [{resources: ['*/log']}]", Resource("pods", "log"), true},
           {"subresource of any, the resource", "resources: [{resources: ['*/log']}]", Resource("pods"), false},
           {"any resource", "resources: [{resources: ['*']}]", Resource("pods", "log"), true},
           {"name", "resources: [{resources: [pods], resourceNames: [x]}]", Resource("pods"), true},
           {"other name", "resources: [{resources: [pods], resourceNames: [z]}]", Resource("pods"), false},
           {"resource, a path", "resources: [{group: '*'}]", Path("/x"), false},
           {"path", "nonResourceURLs: [/x]", Path("/x"), true},
           {"other path", "nonResourceURLs: [/x]", Path("/xy"), false},
           {"path prefix", "nonResourceURLs: [/x*]", Path("/xy"), true},
           {"any path", "nonResourceURLs: ['*']", Path("/xy"), true},
           {"path, a resource", "nonResourceURLs: ['*']", Resource("pods"), false}}) {
    DYNAMIC_SECTION(c.name) {
      const Policy policy = Parsed(StrCat("- {level: Metadata", *c.rule == '\0' ? "" : ", ", c.rule, "}"));
      CHECK((policy.Evaluate(c.subject).level == Level::kMetadata) == c.matches);
    }
  }
}

TEST_CASE("Audit policies: the first match decides, with stages and managed fields", "[audit]") {
  const Policy policy = Parsed(
      "- {level: Request, users: [ann], omitStages: [Panic], omitManagedFields: false}\n"
      "- {level: RequestResponse}\n",
      "omitStages: [RequestReceived]\nomitManagedFields: true");
  const Verdict ann = policy.Evaluate(Path("/"));
  CHECK(ann.level == Level::kRequest);
  CHECK(ann.Omits(Stage::kRequestReceived));
  CHECK(ann.Omits(Stage::kPanic));
  CHECK_FALSE(ann.Omits(Stage::kResponseComplete));
  CHECK_FALSE(ann.omit_managed_fields);
  Subject other = Path("/");
  other.user = nullptr;
  const Verdict rest = policy.Evaluate(other);
  CHECK(rest.level == Level::kRequestResponse);
  CHECK_FALSE(rest.Omits(Stage::kPanic));
  CHECK(rest.omit_managed_fields);
  CHECK(Parsed("- {level: Metadata, users: [bob]}").Evaluate(Path("/")).level == Level::kNone);
}

TEST_CASE("Audit policies: what is wrong is named", "[audit]") {
  struct Case {
    const char* rules;
    const char* error;
  };
  for (const Case& c : std::vector<Case>{
           {"[]", "rules: Required value: a policy has at least one rule"},
           {"[{}]", "rules[0].level: Required value"},
           {"[{level: All}]",
            "rules[0].level: Unsupported value: \"All\": supported values: \"None\", \"Metadata\", \"Request\", "
            "\"RequestResponse\""},
           {"[{level: None, users: ann}]", "rules[0].users: Invalid value: \"ann\": must be a list of strings"},
           {"[{level: None, verbs: [1]}]", "rules[0].verbs[0]: Invalid value: 1: must be a string"},
           {"[{level: None}, 5]", "rules[1]: Invalid value: 5: must be an object; rules[1].level: Required value"},
           {"[{level: None, omitStages: [Never]}]",
            "rules[0].omitStages[0]: Invalid value: \"Never\": allowed stages are "
            "RequestReceived,ResponseStarted,ResponseComplete,Panic"},
           {"[{level: None, nonResourceURLs: [x]}]",
            "rules[0].nonResourceURLs[0]: Invalid value: \"x\": non-resource URL rules must begin with a '/' "
            "character"},
           {"[{level: None, nonResourceURLs: ['/*/x']}]",
            "rules[0].nonResourceURLs[0]: Invalid value: \"/*/x\": non-resource URL wildcards '*' must be the final "
            "character of the rule"},
           {"[{level: None, nonResourceURLs: [/x], namespaces: [other]}]",
            "rules[0].nonResourceURLs: Invalid value: \"/x\": rules cannot apply to both regular resources and "
            "non-resource URLs"},
           {"[{level: None, resources: [{group: '', resourceNames: [x]}]}]",
            "rules[0].resources[0].resourceNames: Invalid value: \"x\": using resourceNames requires at least one "
            "resource"}}) {
    std::vector<std::string> warnings;
    auto policy = Policy::Parse(StrCat("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: ", c.rules), &warnings);
    REQUIRE_FALSE(policy.ok());
    CHECK(ToStd(policy.status().message()) == c.error);
  }
  std::vector<std::string> warnings;
  auto group = Policy::Parse(
      "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: None, resources: [{group: apps/v1}]}]", &warnings);
  REQUIRE_FALSE(group.ok());
  CHECK(ToStd(group.status().message()).starts_with("rules[0].resources[0].group: Invalid value: \"apps/v1\": "));
  for (const char* text : {"", "[]", "a: [", "apiVersion: audit.k8s.io/v1beta1\nkind: Policy\nrules: [{level: None}]",
                           "kind: Policy\nrules: [{level: None}]"}) {
    CHECK_FALSE(Policy::Parse(text, &warnings).ok());
  }
}

TEST_CASE("Audit policies: unknown members are told and ignored", "[audit]") {
  std::vector<std::string> warnings;
  auto policy =
      Policy::Parse("apiVersion: audit.k8s.io/v1\nkind: Policy\nfoo: 1\nrules: [{level: Metadata, bar: 2}]", &warnings);
  REQUIRE(policy.ok());
  CHECK(warnings == std::vector<std::string>{"unknown field \"rules[0].bar\"", "unknown field \"foo\""});
}

}  // namespace
}  // namespace atoll::audit
