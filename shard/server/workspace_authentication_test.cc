#include "shard/server/workspace_authentication.h"

#include <catch2/catch.hpp>

#include "common/auth/testing_provider.h"
#include "common/base/strings.h"
#include "common/json/parse.h"
#include "common/testing/run_task.h"

namespace atoll::shard {
namespace {

using auth::testing::Provider;
using auth::testing::ProviderKey;

// GHSA-c7xh-gjv4-4jgv's class: who is not the system's may not say that they are.
TEST_CASE("Users of a workspace's providers stay in it", "[authentication]") {
  const LogicalClusterId here("c1here");
  auto user = Confined({.name = "oidc:ann",
                        .uid = "u",
                        .groups = {"devs", "system:masters", "system:kcp:admin"},
                        .extra = {{"authentication.kcp.io/scopes", {"cluster:c1there"}},
                                  {"authorization.kcp.io/warrant", {"{}"}},
                                  {"example.org/x", {"1"}}}},
                       here);
  REQUIRE(user.ok());
  CHECK(user->groups == std::vector<std::string>{"devs", "system:authenticated"});
  CHECK(user->extra ==
        std::map<std::string, std::vector<std::string>>{{"authentication.kcp.io/cluster-name", {"c1here"}},
                                                        {"authentication.kcp.io/scopes", {"cluster:c1here"}},
                                                        {"example.org/x", {"1"}}});
  for (const char* name : {"system:admin", "system:serviceaccount:a:b", "system:anonymous", "system:"}) {
    CHECK(absl::IsUnauthenticated(Confined({.name = name}, here).status()));
  }
}

constexpr char kConfiguration[] = R"({"metadata":{"name":"oidc"},"spec":{"jwt":[{
  "issuer":{"url":"$URL","certificateAuthority":$CA,"audiences":["us"],"audienceMatchPolicy":"MatchAny"},
  "claimMappings":{"username":{"claim":"sub","prefix":"$PREFIX"},"groups":{},"uid":{}}}]}})";

TEST_CASE("A workspace's type says whose tokens count there", "[authentication]") {
  ::atoll::testing::RunTask([]() -> Task<void> {
    Provider provider;
    provider.Start();
    ProviderKey key("ES256", "1");
    provider.keys = {key.Jwk()};
    registry::Clusters clusters;
    tenancy::Catalog catalog;
    const LogicalClusterId types("c1types"), with("c1with"), without("c1without");
    auto cluster = [&](const LogicalClusterId& id, std::string_view type) {
      clusters.Put(id, *json::Parse(StrCat(R"({"metadata":{"annotations":{"internal.tenancy.kcp.io/type":")", type,
                                           R"("}},"status":{"phase":"Ready"}})")));
    };
    cluster(with, "root:org:oidc");
    cluster(without, "root:org:plain");
    auto type = [&](std::string_view name, std::string_view spec) {
      catalog.Put({"tenancy.kcp.io", "workspacetypes"}, types,
                  *json::Parse(StrCat(R"({"metadata":{"name":")", name,
                                      R"(","annotations":{"kcp.io/path":"root:org"}},"spec":)", spec, "}")));
    };
    type("oidc", R"({"authenticationConfigurations":[{"name":"missing"},{"name":"oidc"}]})");
    type("plain", "{}");
    auto configure = [&](std::string prefix) {
      std::string ca;
      json::AppendQuoted(&ca, provider.ca_pem);
      std::string text = kConfiguration;
      for (const auto& [from, to] : {std::pair{std::string("$URL"), provider.url}, {"$CA", ca}, {"$PREFIX", prefix}})
        text.replace(text.find(from), from.size(), to);
      catalog.Put({"tenancy.kcp.io", "workspaceauthenticationconfigurations"}, types, *json::Parse(text));
    };
    WorkspaceAuthentication tokens(
        {.clusters = &clusters, .catalog = &catalog, .loop = Loop::Current(), .clock = &SystemClock()});
    const std::string token =
        key.Sign(*json::Parse(StrCat(R"({"iss":")", provider.url, R"(","aud":"us","sub":"ann","exp":99999999999})")));
    auto name_in = [&](const LogicalClusterId& id) -> Task<std::string> {
      auto user = co_await tokens.AuthenticateToken(id, token);
      if (!user.ok()) co_return "refused";
      co_return user->has_value() ? (*user)->name : "nobody";
    };
    CHECK(co_await name_in(with) == "nobody");
    configure("a:");
    CHECK(co_await name_in(with) == "a:ann");
    CHECK(co_await name_in(without) == "nobody");
    CHECK(co_await name_in(LogicalClusterId("c1elsewhere")) == "nobody");
    configure("b:");
    CHECK(co_await name_in(with) == "b:ann");
    configure("system:");
    CHECK(co_await name_in(with) == "refused");
    catalog.Erase({"tenancy.kcp.io", "workspaceauthenticationconfigurations"}, types, "oidc");
    CHECK(co_await name_in(with) == "nobody");
    co_await provider.Stop();
  }());
}

}  // namespace
}  // namespace atoll::shard
