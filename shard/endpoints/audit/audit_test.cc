#include <catch2/catch.hpp>

#include "common/base/strings.h"
#include "common/json/write.h"
#include "shard/endpoints/harness.h"

namespace atoll::endpoints {
namespace {

using testing::ApiHarness;

constexpr char kMaps[] = "/clusters/root/api/v1/namespaces/default/configmaps";
constexpr char kMap[] = R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"k":"v"}})";

std::vector<std::string> Stages(const std::vector<json::Value>& events) {
  std::vector<std::string> out;
  for (const json::Value& event : events) out.emplace_back(event.StringAt({"stage"}));
  return out;
}

TEST_CASE("audit: a write, before and after", "[endpoints][audit]") {
  ApiHarness api("- {level: RequestResponse}");
  auto answer = api.Do("POST", std::string(kMaps) + "?fieldManager=m", kMap,
                       {{"x-test-user", "admin"}, {"audit-id", "mine"}, {"user-agent", "tests/1"}});
  REQUIRE(answer.code == 201);
  auto events = api.AuditEvents();
  REQUIRE(Stages(events) == std::vector<std::string>{"RequestReceived", "ResponseComplete"});
  const json::Value& before = events[0];
  const json::Value& after = events[1];
  CHECK(before.StringAt({"auditID"}) == "mine");
  CHECK(before.StringAt({"requestURI"}) == "/api/v1/namespaces/default/configmaps?fieldManager=m");
  CHECK(before.StringAt({"verb"}) == "create");
  CHECK(before.StringAt({"user", "username"}) == "admin");
  CHECK(before.StringAt({"userAgent"}) == "tests/1");
  CHECK(before.StringAt({"annotations", "kcp.io/cluster"}) == "root");
  CHECK(before.StringAt({"annotations", "tenancy.kcp.io/workspace"}) == "root");
  CHECK(before.Find("responseStatus") == nullptr);
  CHECK(before.StringAt({"objectRef", "name"}).empty());  // not read yet
  CHECK(after.StringAt({"objectRef", "name"}) == "a");
  CHECK(after.StringAt({"objectRef", "namespace"}) == "default");
  CHECK(after.StringAt({"requestObject", "data", "k"}) == "v");
  CHECK(after.StringAt({"responseObject", "metadata", "name"}) == "a");
  CHECK(after.IntAt({"responseStatus", "code"}) == 201);
  CHECK(after.StringAt({"annotations", "authorization.k8s.io/decision"}) == "allow");

  (void)api.Do("PATCH", std::string(kMaps) + "/a", R"({"data":{"x":"y"}})",
               {{"x-test-user", "admin"}, {"content-type", "application/merge-patch+json"}});
  events = api.AuditEvents();
  REQUIRE(events.size() == 2);
  CHECK(json::Write(*events[1].Find("requestObject")) == R"({"data":{"x":"y"}})");
  CHECK(events[1].StringAt({"responseObject", "data", "x"}) == "y");

  (void)api.Do("DELETE", std::string(kMaps) + "/a", R"({"propagationPolicy":"Background"})",
               {{"x-test-user", "admin"}});
  events = api.AuditEvents();
  REQUIRE(events.size() == 2);
  CHECK(events[1].StringAt({"requestObject", "propagationPolicy"}) == "Background");
}

TEST_CASE("audit: refusals", "[endpoints][audit]") {
  ApiHarness api("- {level: Metadata}");
  CHECK(api.Get(std::string(kMaps) + "/missing", {{"x-test-user", "admin"}}).code == 404);
  auto events = api.AuditEvents();
  REQUIRE(events.size() == 2);
  CHECK(events[1].StringAt({"responseStatus", "reason"}) == "NotFound");
  CHECK(events[1].IntAt({"responseStatus", "code"}) == 404);
  CHECK(events[1].StringAt({"responseStatus", "details", "name"}) == "missing");
  CHECK(events[1].Find("responseObject") == nullptr);

  CHECK(api.Get(kMaps, {{"x-test-user", "nobody"}}).code == 403);
  events = api.AuditEvents();
  REQUIRE(events.size() == 2);
  CHECK(events[1].StringAt({"annotations", "authorization.k8s.io/decision"}) == "forbid");

  // One stage, nobody's name, and no credentials in it.
  CHECK(api.Get(kMaps, {{"x-test-user", "bad"}, {"authorization", "Bearer s3cret"}}).code == 401);
  events = api.AuditEvents();
  REQUIRE(Stages(events) == std::vector<std::string>{"ResponseStarted"});
  CHECK(json::Write(*events[0].Find("user")) == "{}");
  CHECK(events[0].IntAt({"responseStatus", "code"}) == 401);
  CHECK(json::Write(events[0]).find("s3cret") == std::string::npos);
}

TEST_CASE("audit: watches have a beginning and an end", "[endpoints][audit]") {
  ApiHarness api("- {level: RequestResponse}");
  (void)api.Post(kMaps, kMap, {{"x-test-user", "admin"}});
  (void)api.AuditEvents();
  (void)api.Do("GET", std::string(kMaps) + "?watch=true", "", {{"x-test-user", "admin"}}, /*writes_max=*/1);
  auto events = api.AuditEvents();
  REQUIRE(Stages(events) == std::vector<std::string>{"RequestReceived", "ResponseStarted", "ResponseComplete"});
  CHECK(events[2].IntAt({"responseStatus", "code"}) == 200);
  CHECK(events[2].Find("responseObject") == nullptr);
}

TEST_CASE("audit: levels, rules and stages", "[endpoints][audit]") {
  ApiHarness api(
      "- {level: None, nonResourceURLs: ['/version']}\n"
      "- {level: Request, verbs: [create], omitManagedFields: true, omitStages: [RequestReceived]}\n"
      "- {level: RequestResponse, verbs: [list], omitManagedFields: true}\n");
  CHECK(api.Get("/clusters/root/version", {{"x-test-user", "admin"}}).code == 200);
  CHECK(api.AuditEvents().empty());
  CHECK(api.Post(kMaps, kMap, {{"x-test-user", "admin"}}).code == 201);
  auto events = api.AuditEvents();
  REQUIRE(Stages(events) == std::vector<std::string>{"ResponseComplete"});
  CHECK(events[0].Find("requestObject") != nullptr);
  CHECK(events[0].Find("responseObject") == nullptr);
  auto list = api.Get(kMaps, {{"x-test-user", "admin"}});
  CHECK(list.body.find("managedFields") != std::string::npos);
  events = api.AuditEvents();
  REQUIRE(events.size() == 2);
  CHECK(events[1].Find("responseObject")->Find("items")->array().size() == 1);
  CHECK(json::Write(events[1]).find("managedFields") == std::string::npos);
  CHECK(api.Get(std::string(kMaps) + "/a", {{"x-test-user", "admin"}}).code == 200);  // matches no rule
  CHECK(api.AuditEvents().empty());
}

}  // namespace
}  // namespace atoll::endpoints
