#include "shard/registry/clusters.h"

#include <catch2/catch.hpp>

#include "common/api/errors.h"
#include "common/api/object.h"
#include "shard/registry/in_process_client.h"
#include "shard/registry/registry_testing.h"
#include "shard/registry/resolver_builtin.h"

namespace atoll::registry::testing {
namespace {

const LogicalClusterId kOne("one"), kTwo("two");

json::Value Bound(std::string_view annotation) {
  json::Value o =
      Json(R"({"metadata":{"uid":"u","annotations":{"kcp.io/path":"root:one"}},"status":{"phase":"Ready"}})");
  o.Ensure({"metadata", "annotations", "internal.apis.kcp.io/resource-bindings"}) = annotation;
  return o;
}

TEST_CASE("clusters know phase, path and bindings") {
  Clusters clusters;
  clusters.Put(kOne,
               Bound(R"({"workspaces.tenancy.kcp.io":{"n":"b"},"shards.core.kcp.io":{"n":"c"},"x.dev":{"c":true}})"));
  const auto info = clusters.Find(kOne);
  REQUIRE(info != nullptr);
  CHECK(info->phase == Phase::kReady);
  CHECK(info->path == "root:one");
  CHECK(std::binary_search(info->bound_exports.begin(), info->bound_exports.end(), "tenancy.kcp.io"));
  CHECK(std::binary_search(info->bound_exports.begin(), info->bound_exports.end(), "shards.core.kcp.io"));
  CHECK_FALSE(std::binary_search(info->bound_exports.begin(), info->bound_exports.end(), "dev"));
  clusters.Put(
      kTwo,
      Json(
          R"({"metadata":{"annotations":{"core.kcp.io/inactive":"true"},"deletionTimestamp":"2025-01-01T00:00:00Z"}})"));
  CHECK(clusters.Find(kTwo)->inactive);
  CHECK(clusters.Find(kTwo)->deleting);
  CHECK(clusters.Find(kTwo)->path == "two");
  CHECK(clusters.Ids() == std::vector<LogicalClusterId>{kOne, kTwo});
  clusters.Erase(kOne);
  CHECK(clusters.Find(kOne) == nullptr);
  CHECK(clusters.size() == 1);
  for (const auto& [phase, name] : {std::pair{Phase::kReady, "Ready"}, {Phase::kDeleting, "Deleting"}}) {
    CHECK(PhaseName(phase) == std::string(name));
    CHECK(ParsePhase(name) == phase);
  }
}

TEST_CASE("definitions of exports are served where they are bound") {
  Clusters clusters;
  clusters.Put(kOne, Bound(R"({"widgets.example.dev":{"n":"b"}})"));
  clusters.Put(kTwo, Bound("{}"));
  auto widgets = Widgets();
  widgets->bound_by_export = "example.dev";
  const DefinitionPtr configmaps = ConfigMaps();
  BuiltinResolver resolver({configmaps, widgets}, &clusters);
  CHECK(resolver.Find({kOne}, widgets->gvr) == widgets);
  CHECK(resolver.Find({kTwo}, widgets->gvr) == nullptr);
  CHECK(resolver.Find({kTwo}, configmaps->gvr) == configmaps);
  CHECK(resolver.Find({SystemAdminCluster()}, widgets->gvr) == widgets);
  CHECK(resolver.Find({{}, true}, widgets->gvr) == widgets);
  CHECK(resolver.All({kOne})->size() == 2);
  CHECK(resolver.All({kTwo})->size() == 1);
  CHECK(resolver.All({kTwo}) == resolver.All({LogicalClusterId("unknown")}));
  CHECK(resolver.IsBuiltinGroup(""));
  CHECK_FALSE(resolver.IsBuiltinGroup("example.dev"));
}

TEST_CASE("the in-process client is a client like others") {
  Fixture f;
  Clusters clusters;
  BuiltinResolver resolver({ConfigMaps()}, &clusters);
  InProcessClient client(&f.registry(), &resolver);
  const client::ObjectRef ref{RootCluster(), {"", "v1", "configmaps"}, "default", "a", ""};
  auto created = f.Await(client.Create(ref, Json(R"({"metadata":{"name":"a"},"data":{"k":"v"}})")));
  REQUIRE(created.ok());
  CHECK(created->At({"metadata", "managedFields"})->array()[0].StringAt({"manager"}) == "kcp");
  auto patched = f.Await(client.MergePatch(ref, Json(R"({"data":{"k":"w"}})")));
  REQUIRE(patched.ok());
  CHECK(api::IsConflict(f.Await(client.Update(ref, *created)).status()));
  CHECK(f.Await(client.Update(ref, *patched)).ok());
  CHECK(f.Await(client.List(ref))->items.size() == 1);
  CHECK(api::IsConflict(f.Await(client.Delete(ref, "other"))));
  CHECK(api::IsConflict(f.Await(client.Delete(ref, "", "", std::string(api::ResourceVersion(*created))))));
  CHECK(f.Await(client.Delete(ref, "", "Foreground")).ok());
  CHECK(api::HasFinalizer(*f.Await(client.Get(ref)), "foregroundDeletion"));
  CHECK(f.Await(client.Delete(ref, "", "Background")).ok());
  CHECK(api::IsNotFound(f.Await(client.Get(ref)).status()));
  CHECK(api::IsNotFound(f.Await(client.Get({RootCluster(), {"x", "v1", "y"}, "", "a", ""})).status()));
}

}  // namespace
}  // namespace atoll::registry::testing
