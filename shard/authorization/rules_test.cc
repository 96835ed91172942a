#include "shard/authorization/rules.h"

#include <catch2/catch.hpp>

#include "shard/authorization/escalation.h"

namespace atoll::authorization {
namespace {

const auth::User kAlice{.name = "alice", .uid = "", .groups = {"g1", "g2"}, .extra = {}};

Attributes Resource(std::string verb, std::string group, std::string resource, std::string subresource = "",
                    std::string name = "") {
  return {.user = kAlice,
          .cluster = {},
          .verb = std::move(verb),
          .group = std::move(group),
          .resource = std::move(resource),
          .subresource = std::move(subresource),
          .name = std::move(name)};
}
Attributes Path(std::string verb, std::string path) {
  return {.user = kAlice, .cluster = {}, .verb = std::move(verb), .resource_request = false, .path = std::move(path)};
}

TEST_CASE("what a rule allows") {
  const PolicyRule pods{.verbs = {"get", "list"}, .api_groups = {""}, .resources = {"pods", "pods/log", "*/scale"}};
  const PolicyRule named{.verbs = {"*"}, .api_groups = {"apps"}, .resources = {"*"}, .resource_names = {"a", "b"}};
  const PolicyRule urls{.verbs = {"get"}, .non_resource_urls = {"/api", "/apis/*"}};
  const PolicyRule all{.verbs = {"*"}, .api_groups = {"*"}, .resources = {"*"}};
  const struct {
    const char* what;
    const PolicyRule& rule;
    Attributes request;
    bool allowed;
  } cases[] = {
      {"verb and resource", pods, Resource("get", "", "pods"), true},
      {"other verb", pods, Resource("create", "", "pods"), false},
      {"other group", pods, Resource("get", "apps", "pods"), false},
      {"subresource", pods, Resource("get", "", "pods", "log"), true},
      {"other subresource", pods, Resource("get", "", "pods", "exec"), false},
      {"any resource's subresource", pods, Resource("get", "", "deployments", "scale"), true},
      {"'*/scale' is not the resource", pods, Resource("get", "", "deployments"), false},
      {"named", named, Resource("get", "apps", "deployments", "", "a"), true},
      {"other name", named, Resource("get", "apps", "deployments", "", "c"), false},
      {"no name, as in create", named, Resource("create", "apps", "deployments"), false},
      {"'*' covers subresources", all, Resource("get", "x", "y", "z"), true},
      {"resources are no paths", all, Path("get", "/api"), false},
      {"path", urls, Path("get", "/api"), true},
      {"path prefix", urls, Path("get", "/apis/x"), true},
      {"path without the slash", urls, Path("get", "/apis"), false},
      {"longer path", urls, Path("get", "/api/v1"), false},
      {"path with another verb", urls, Path("post", "/api"), false},
      {"paths are no resources", urls, Resource("get", "", "pods"), false},
  };
  for (const auto& c : cases) {
    CAPTURE(c.what);
    CHECK(RuleAllows(c.rule, c.request) == c.allowed);
    CHECK(CompiledRule(c.rule).Allows(Question(c.request)) == c.allowed);
  }
}

TEST_CASE("escalation: what is missing, in Kubernetes' words") {
  const std::vector<PolicyRule> held = {
      {.verbs = {"get", "list"}, .api_groups = {""}, .resources = {"pods"}},
      {.verbs = {"get"}, .api_groups = {""}, .resources = {"secrets"}, .resource_names = {"a"}},
      {.verbs = {"get"}, .non_resource_urls = {"/apis/*"}}};
  CHECK(EscalationText(kAlice, held, {{.verbs = {"get"}, .api_groups = {""}, .resources = {"pods"}}}).empty());
  CHECK(EscalationText(kAlice, held,
                       {{.verbs = {"get"}, .api_groups = {""}, .resources = {"secrets"}, .resource_names = {"a"}}})
            .empty());
  CHECK(EscalationText(kAlice, held, {{.verbs = {"get"}, .non_resource_urls = {"/apis/x", "/apis/y*"}}}).empty());
  CHECK_FALSE(EscalationText(kAlice, held, {{.verbs = {"get"}, .api_groups = {""}, .resources = {"secrets"}}}).empty());
  CHECK_FALSE(EscalationText(kAlice, held, {{.verbs = {"*"}, .api_groups = {""}, .resources = {"pods"}}}).empty());
  CHECK_FALSE(EscalationText(kAlice, held, {{.verbs = {"get"}, .non_resource_urls = {"*"}}}).empty());
  CHECK(EscalationText(kAlice, held,
                       {{.verbs = {"get", "create", "delete"}, .api_groups = {"apps"}, .resources = {"deployments"}},
                        {.verbs = {"post"}, .non_resource_urls = {"/x"}},
                        {.verbs = {"update"}, .api_groups = {""}, .resources = {"pods"}, .resource_names = {"n"}}}) ==
        "user \"alice\" (groups=[\"g1\" \"g2\"]) is attempting to grant RBAC permissions not currently held:\n"
        "{APIGroups:[\"\"], Resources:[\"pods\"], ResourceNames:[\"n\"], Verbs:[\"update\"]}\n"
        "{APIGroups:[\"apps\"], Resources:[\"deployments\"], Verbs:[\"get\" \"create\" \"delete\"]}\n"
        "{NonResourceURLs:[\"/x\"], Verbs:[\"post\"]}");
}

TEST_CASE("403 texts") {
  Attributes list = Resource("list", "", "configmaps");
  list.ns = "default";
  CHECK(ForbiddenError(list).message() ==
        "configmaps is forbidden: User \"alice\" cannot list resource \"configmaps\" in API group \"\" in the "
        "namespace \"default\": access denied");
  CHECK(ForbiddenError(Resource("get", "tenancy.kcp.io", "workspaces", "status", "a")).message() ==
        "workspaces.tenancy.kcp.io \"a\" is forbidden: User \"alice\" cannot get resource \"workspaces/status\" in API "
        "group \"tenancy.kcp.io\" at "
        "the cluster scope: access denied");
  CHECK(ForbiddenError(Path("get", "/api")).message() ==
        "forbidden: User \"alice\" cannot get path \"/api\": access denied");
  const auth::User evil{.name = "<b>&", .uid = "", .groups = {}, .extra = {}};
  const Attributes request{.user = evil, .cluster = {}, .verb = "get", .resource_request = false, .path = "/"};
  CHECK(ForbiddenError(request, "").message() == "forbidden: User \"&lt;b&gt;&amp;\" cannot get path \"/\"");
}

}  // namespace
}  // namespace atoll::authorization
