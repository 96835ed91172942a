#include "shard/tenancy/catalog.h"

#include <catch2/catch.hpp>

#include "common/json/parse.h"

namespace atoll::tenancy {
namespace {

const api::GroupResource kTypes{"tenancy.kcp.io", "workspacetypes"};
const api::GroupResource kShards{"core.kcp.io", "shards"};

void PutType(Catalog* catalog, const char* cluster, const char* path, const char* name, const char* spec = "{}") {
  auto object = json::Parse(std::string(R"({"metadata":{"name":")") + name + R"(","annotations":{"kcp.io/path":")" +
                            path + R"("}},"spec":)" + spec + "}");
  REQUIRE(object.ok());
  catalog->Put(kTypes, LogicalClusterId(cluster), *object);
}

TEST_CASE("Catalog finds types by path, by cluster id and by walking up", "[tenancy]") {
  Catalog catalog;
  PutType(&catalog, "root", "root", "universal");
  PutType(&catalog, "c1", "root:org", "project");
  CHECK(catalog.FindType("root:org", "project") == catalog.FindType("c1", "project"));
  CHECK(catalog.FindType("root:org", "universal") == nullptr);
  CHECK(catalog.ResolveType(WorkspacePath("root:org:team"), "project")->Id() == "c1:project");
  CHECK(catalog.ResolveType(WorkspacePath("root:org:team"), "universal")->PathName() == "root:universal");
  CHECK(catalog.ResolveType(WorkspacePath("root:other"), "project") == nullptr);
  catalog.Erase(kTypes, LogicalClusterId("c1"), "project");
  CHECK(catalog.FindType("root:org", "project") == nullptr);
}

TEST_CASE("Catalog expands types bases first, each once", "[tenancy]") {
  Catalog catalog;
  PutType(&catalog, "root", "root", "universal");
  PutType(&catalog, "root", "root", "a", R"({"extend":{"with":[{"name":"universal","path":"root"}]}})");
  PutType(&catalog, "root", "root", "b",
          R"({"extend":{"with":[{"name":"a","path":"root"},{"name":"universal","path":"root"}]}})");
  auto expanded = catalog.Expand(catalog.FindType("root", "b"));
  REQUIRE(expanded.ok());
  std::vector<std::string> names;
  for (const TypePtr& t : *expanded) names.push_back(t->name);
  CHECK(names == std::vector<std::string>{"a", "universal", "b"});
  PutType(&catalog, "root", "root", "c",
          R"({"extend":{"with":[{"name":"universal","path":"root"},{"name":"b","path":"root"}]}})");
  expanded = catalog.Expand(catalog.FindType("root", "c"));
  REQUIRE(expanded.ok());
  names.clear();
  for (const TypePtr& t : *expanded) names.push_back(t->name);
  CHECK(names == std::vector<std::string>{"universal", "b", "a", "c"});
}

TEST_CASE("Catalog refuses cycles and missing bases", "[tenancy]") {
  Catalog catalog;
  PutType(&catalog, "root", "root", "a", R"({"extend":{"with":[{"name":"b","path":"root"}]}})");
  PutType(&catalog, "root", "root", "b", R"({"extend":{"with":[{"name":"a","path":"root"}]}})");
  PutType(&catalog, "root", "root", "lost", R"({"extend":{"with":[{"name":"nothing","path":"root"}]}})");
  CHECK(catalog.Expand(catalog.FindType("root", "a")).status().message() ==
        "circular dependency detected in workspace type root:a: root:a -> root:b");
  CHECK(catalog.Expand(catalog.FindType("root", "lost")).status().message() ==
        "unable to find inherited workspace type nothing");
}

TEST_CASE("Catalog knows shards of root only", "[tenancy]") {
  Catalog catalog;
  auto shard = json::Parse(
      R"({"metadata":{"name":"s1","labels":{"region":"eu"},"annotations":{"internal.atoll.dev/rpc-address":"127.0.0.1:9"}},
                               "spec":{"baseURL":"https://s1"}})");
  catalog.Put(kShards, RootCluster(), *shard);
  catalog.Put(kShards, LogicalClusterId("elsewhere"), *shard);
  REQUIRE(catalog.Shards().size() == 1);
  CHECK(catalog.FindShard("s1")->external_url == "https://s1");
  CHECK(catalog.FindShard("s1")->Label("region") == "eu");
  CHECK(catalog.FindShard("s1")->rpc_address == "127.0.0.1:9");
  catalog.Erase(kShards, RootCluster(), "s1");
  CHECK(catalog.Shards().empty());
}

}  // namespace
}  // namespace atoll::tenancy
