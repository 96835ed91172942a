#include "shard/quota/usage.h"

#include <catch2/catch.hpp>

#include "common/base/check.h"
#include "common/json/parse.h"
#include "common/json/write.h"

namespace atoll::quota {
namespace {

json::Value Json(std::string_view text) {
  auto parsed = json::Parse(text);
  CHECK_OK(parsed);
  return *std::move(parsed);
}

const api::GroupResource kConfigMaps{"", "configmaps"}, kWidgets{"example.com", "widgets"};

TEST_CASE("quota: names", "[quota]") {
  CHECK(CountName(kConfigMaps) == "count/configmaps");
  CHECK(CountName(kWidgets) == "count/widgets.example.com");
  CHECK(CountedResource("count/configmaps") == kConfigMaps);
  CHECK(CountedResource("count/widgets.example.com") == kWidgets);
  for (const char* name :
       {"configmaps", "pods", "requests.cpu", "count/", "count/events", "count/events.events.k8s.io", "x/count/y"}) {
    CAPTURE(name);
    CHECK_FALSE(CountedResource(name).has_value());
  }
}

TEST_CASE("quota: what bounds", "[quota]") {
  const json::Value quota =
      Json(R"({"spec":{"hard":{"count/configmaps":"1"}},"status":{"hard":{"count/configmaps":"5","configmaps":"1",)"
           R"("count/widgets.example.com":"1k"},"used":{"count/configmaps":"3"}}})");
  auto bound = BoundOf(quota, kConfigMaps);
  REQUIRE(bound.has_value());
  CHECK(bound->hard == "5");
  CHECK(bound->used->Whole() == 3);
  bound = BoundOf(quota, kWidgets);
  REQUIRE(bound.has_value());
  CHECK_FALSE(bound->used.has_value());
  CHECK_FALSE(BoundOf(quota, {"", "secrets"}).has_value());
  CHECK_FALSE(BoundOf(Json(R"({"spec":{"hard":{"count/configmaps":"1"}}})"), kConfigMaps).has_value());
}

TEST_CASE("quota: whose", "[quota]") {
  const auto quota = [](const char* ns, const char* value) {
    json::Value q = json::Value::MakeObject();
    q.Ensure({"metadata", "namespace"}) = ns;
    q.Ensure({"metadata", "annotations", kClusterScopedAnnotation}) = value;
    return q;
  };
  CHECK(IsClusterScoped(quota("admin", "true")));
  CHECK_FALSE(IsClusterScoped(quota("admin", "yes")));
  CHECK_FALSE(IsClusterScoped(quota("default", "true")));
  CHECK(IsExempt({"core.kcp.io", "logicalclusters"}, "cluster"));
  CHECK(IsExempt({"rbac.authorization.k8s.io", "clusterrolebindings"}, "workspace-admin"));
  CHECK_FALSE(IsExempt({"rbac.authorization.k8s.io", "clusterrolebindings"}, "other"));
}

TEST_CASE("quota: one more", "[quota]") {
  const Bound bound{.hard = "5", .used = api::Quantity(4)};
  CHECK(Exceeded("q", "count/configmaps", bound, 4) == "");
  CHECK(Exceeded("q", "count/configmaps", bound, 5) ==
        "exceeded quota: q, requested: count/configmaps=1, used: count/configmaps=5, limited: count/configmaps=5");
  CHECK(Exceeded("q", "count/x", {.hard = "1k"}, 1000) ==
        "exceeded quota: q, requested: count/x=1, used: count/x=1k, limited: count/x=1k");
  CHECK(Exceeded("q", "count/x", {.hard = "0"}, 0) != "");
  CHECK(Exceeded("q", "count/x", {.hard = "what"}, 0) != "");
}

TEST_CASE("quota: status", "[quota]") {
  json::Value quota =
      Json(R"({"spec":{"hard":{"count/configmaps":"5","configmaps":"7","count/secrets":"1"}},)"
           R"("status":{"hard":{"count/secrets":"2","count/old":"1"},"used":{"count/secrets":"1","count/old":"1"}}})");
  CHECK(HardDiffers(quota));
  SetStatus({{"count/configmaps", 1000}}, &quota);
  CHECK(json::Write(*quota.Find("status")) ==
        R"({"hard":{"configmaps":"7","count/configmaps":"5","count/secrets":"1"},)"
        R"("used":{"count/configmaps":"1k","count/secrets":"1"}})");
  CHECK_FALSE(HardDiffers(quota));
  SetUsed(kConfigMaps, -1, &quota);
  CHECK(quota.StringAt({"status", "used", "count/configmaps"}) == "0");
  json::Value empty = Json(R"({"spec":{}})");
  CHECK_FALSE(HardDiffers(empty));
  SetStatus({}, &empty);
  CHECK(json::Write(*empty.Find("status")) == "{}");
}

}  // namespace
}  // namespace atoll::quota
