#include <catch2/catch.hpp>

#include "common/json/parse.h"
#include "shard/tenancy/lifecycle.h"
#include "shard/virtual/lifecycle/permissions.h"
#include "shard/virtual/lifecycle/target.h"

namespace atoll::virtual_workspaces {
namespace {

TEST_CASE("lifecycle: what a path is aimed at", "[virtual]") {
  struct Row {
    const char* path;
    const char *id, *cluster, *rest;  // id null: nowhere
  };
  const Row rows[] = {
      {"/services/initializingworkspaces/root:a/clusters/*/apis", "root:a", "*", "/apis"},
      {"/services/initializingworkspaces/root%3Aa/clusters/c1/api/v1/configmaps?limit=1", "root:a", "c1",
       "/api/v1/configmaps"},
      {"/services/initializingworkspaces/root:org:a/clusters/c1", "root:org:a", "c1", "/"},
      {"/services/initializingworkspaces/root:a/clusters/root:ws/api", nullptr, nullptr, nullptr},
      {"/services/initializingworkspaces/root:a/clusters/", nullptr, nullptr, nullptr},
      {"/services/initializingworkspaces/root:a/apis", nullptr, nullptr, nullptr},
      {"/services/initializingworkspaces/root:a", nullptr, nullptr, nullptr},
      {"/services/initializingworkspaces/root:a?x=/clusters/c1/api", nullptr, nullptr, nullptr},
      {"/services/initializingworkspaces//clusters/c1/api", nullptr, nullptr, nullptr},
      {"/services/initializingworkspaces/%zz/clusters/c1/api", nullptr, nullptr, nullptr},
      {"/services/initializingworkspaces/", nullptr, nullptr, nullptr},
  };
  for (const Row& row : rows) {
    CAPTURE(row.path);
    auto target = ParseLifecycleTarget("GET", row.path);
    REQUIRE(target.has_value() == (row.id != nullptr));
    if (row.id == nullptr) continue;
    CHECK(target->id == row.id);
    CHECK(target->info.cluster == row.cluster);
    CHECK(target->info.path == row.rest);
  }
  CHECK(TypeOf("root:org:a") == std::pair<std::string_view, std::string_view>("root:org", "a"));
  CHECK(TypeOf("a") == std::pair<std::string_view, std::string_view>("", "a"));
}

TEST_CASE("lifecycle: what a type's permissions refuse", "[virtual]") {
  const std::vector<authorization::PolicyRule> rules = {
      {.verbs = {"get", "list"}, .api_groups = {""}, .resources = {"configmaps"}},
      {.verbs = {"get"}, .non_resource_urls = {"/healthz"}}};
  const auth::User user;
  const auto request = [&](const char* verb, const char* group, const char* resource, const char* sub, const char* name,
                           const char* ns) {
    authorization::Attributes a{.user = user, .cluster = {}, .verb = verb};
    a.group = group;
    a.resource = resource;
    a.subresource = sub;
    a.name = name;
    a.ns = ns;
    return a;
  };
  const auto path = [&](const char* p) {
    authorization::Attributes a{.user = user, .cluster = {}, .verb = "get", .resource_request = false};
    a.path = p;
    return a;
  };
  CHECK(WhyDenied(rules, request("get", "", "configmaps", "", "a", "x")).empty());
  CHECK(WhyDenied(rules, request("list", "", "configmaps", "", "", "")).empty());
  CHECK(WhyDenied(rules, request("create", "", "configmaps", "", "", "x")) ==
        "no rule allows create on core/configmaps in namespace x");
  CHECK(WhyDenied(rules, request("get", "", "secrets", "", "a", "x")) ==
        "no rule allows get on core/secrets (a) in namespace x");
  CHECK(WhyDenied(rules, request("update", "example.dev", "widgets", "status", "a", "")) ==
        "no rule allows update on example.dev/widgets/status (a)");
  CHECK(WhyDenied(rules, path("/healthz")).empty());
  CHECK(WhyDenied(rules, path("/api")) == "no rule allows get on /api");
}

TEST_CASE("lifecycle: labels and finalizer follow the status", "[virtual]") {
  auto object = *json::Parse(R"({"metadata":{"labels":{"initializer.internal.kcp.io/old":"old","keep":"x"}},)"
                             R"("status":{"initializers":["root:alpha"],"terminators":["root:alpha"]}})");
  REQUIRE(tenancy::SetLifecycleMetadata(&object));
  CHECK(object.Find("metadata")->At({"labels"})->object().size() == 3);
  CHECK(object.StringAt({"metadata", "labels", "initializer.internal.kcp.io/63b7be8b93d5260505305dc61e86ce3bd84"}) ==
        "63b7be8b93d5260505305dc61e86ce3bd848ed824168a9a281d22bb8");
  CHECK(object.StringAt({"metadata", "labels", "terminator.internal.kcp.io/63b7be8b93d5260505305dc61e86ce3bd848"}) ==
        "63b7be8b93d5260505305dc61e86ce3bd848ed824168a9a281d22bb8");
  CHECK(object.At({"metadata", "finalizers"})->array().size() == 1);
  CHECK_FALSE(tenancy::SetLifecycleMetadata(&object));
  object.Ensure({"status", "initializers"}) = json::Value::MakeArray();
  object.Ensure({"status", "terminators"}) = json::Value::MakeArray();
  object.Ensure({"metadata", "deletionTimestamp"}) = "2026-01-01T00:00:00Z";
  REQUIRE(tenancy::SetLifecycleMetadata(&object));
  CHECK(object.At({"metadata", "labels"})->object().size() == 1);
  CHECK((object.At({"metadata", "finalizers"}) == nullptr || object.At({"metadata", "finalizers"})->array().empty()));
  CHECK_FALSE(tenancy::SetLifecycleMetadata(&object));
}

}  // namespace
}  // namespace atoll::virtual_workspaces
