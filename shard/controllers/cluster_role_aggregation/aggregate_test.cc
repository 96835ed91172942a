#include "shard/controllers/cluster_role_aggregation/aggregate.h"

#include <catch2/catch.hpp>

#include "common/base/check.h"
#include "common/json/parse.h"
#include "common/json/write.h"

namespace atoll::controllers {
namespace {

json::Value Json(std::string_view text) {
  auto parsed = json::Parse(text);
  CHECK_OK(parsed);
  return *std::move(parsed);
}

TEST_CASE("aggregated rules: selectors in order, roles by name, each rule once", "[controllers]") {
  const std::vector<json::Value> roles = {
      Json(
          R"({"metadata":{"name":"agg","labels":{"a":"b"}},"rules":[{"verbs":["own"]}],"aggregationRule":)"
          R"({"clusterRoleSelectors":[{"matchLabels":{"a":"b"}},{"matchExpressions":[{"key":"z","operator":"Exists"}]}]}})"),
      Json(R"({"metadata":{"name":"p1","labels":{"z":""}},"rules":[{"verbs":["1"]},{"verbs":["2"]}]})"),
      Json(R"({"metadata":{"name":"p2","labels":{"a":"b"}},"rules":[{"verbs":["3"]},{"verbs":["2"]}]})"),
      Json(R"({"metadata":{"name":"p3","labels":{"a":"b"}},"rules":null})"),
      Json(R"({"metadata":{"name":"p4"},"rules":[{"verbs":["4"]}]})"),
  };
  CHECK(Aggregates(roles[0]));
  CHECK_FALSE(Aggregates(roles[1]));
  const json::Array rules = AggregatedRules(roles[0], roles);
  CHECK(json::Write(json::Value(rules)) == R"([{"verbs":["3"]},{"verbs":["2"]},{"verbs":["1"]}])");
  CHECK_FALSE(HasRules(roles[0], rules));
  CHECK(HasRules(Json(R"({"rules":[{"verbs":["3"]},{"verbs":["2"]},{"verbs":["1"]}]})"), rules));
}

TEST_CASE("aggregated rules: nothing chosen", "[controllers]") {
  const json::Value bad = Json(
      R"({"metadata":{"name":"x"},"aggregationRule":{"clusterRoleSelectors":[{"matchExpressions":[{"key":"z","operator":"?"}]}]}})");
  CHECK(AggregatedRules(bad, {Json(R"({"metadata":{"name":"y","labels":{"z":"1"}},"rules":[{"verbs":["1"]}]})")})
            .empty());
  CHECK(HasRules(Json(R"({"rules":null})"), {}));
  CHECK(HasRules(Json(R"({"rules":[]})"), {}));
  CHECK(HasRules(Json("{}"), {}));
}

}  // namespace
}  // namespace atoll::controllers
