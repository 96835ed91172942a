#include "shard/tenancy/content.h"

#include <algorithm>

#include <catch2/catch.hpp>

#include "common/api/object.h"
#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/json/parse.h"
#include "common/store/store_testing.h"
#include "common/testing/run_task.h"
#include "shard/registry/clusters.h"
#include "shard/registry/in_process_client.h"
#include "shard/registry/resolver_builtin.h"
#include "shard/resources/all.h"

namespace atoll::tenancy {
namespace {

using Names = std::vector<std::string>;

json::Value Json(std::string_view text) {
  auto parsed = json::Parse(text);
  REQUIRE(parsed.ok());
  return *std::move(parsed);
}

// A shard's store, registry and client, with cluster `c1` of everything and a neighbour `c2`.
struct Fixture {
  Fixture()
      : definitions(resources::BuiltinResources()),
        resolver(definitions, &clusters),
        registry(registry::Registry::Create(
            {.store = &*store, .pool = &store.pool(), .clock = &SystemClock(), .random = &random})),
        client(registry.get(), &resolver),
        remover(*store, store.pool(), client, resolver) {
    clusters.Put(c1,
                 Json(R"({"metadata":{"annotations":{"internal.apis.kcp.io/resource-bindings":)"
                      R"("{\"workspaces.tenancy.kcp.io\":{\"n\":\"tenancy.kcp.io\"}}"}},"status":{"phase":"Ready"}})"));
  }

  // `configmaps/ns/name` or `clusterroles//name`, stored as it is.
  void Put(const LogicalClusterId& cluster, const char* resource, const char* ns, const char* name,
           std::string_view metadata = "{}") {
    registry::DefinitionPtr definition;
    for (const auto& d : definitions) {
      if (d->gr().ToString() == resource) definition = d;
    }
    REQUIRE(definition != nullptr);
    json::Value object = json::Value::MakeObject();
    object.Ensure({"metadata"}) = Json(metadata);
    object.Ensure({"metadata", "name"}) = name;
    object.Ensure({"metadata", "uid"}) = std::string("uid-") + name;
    if (*ns != '\0') object.Ensure({"metadata", "namespace"}) = ns;
    store::Op op;
    op.key = storage::EncodeKey({definition->gr(), "", cluster, ns, name});
    op.value = storage::EncodeObject(*definition, cluster, std::move(object));
    store::Transaction txn;
    txn.ops.push_back(std::move(op));
    CHECK_OK(store::testing::Commit(*store, std::move(txn)));
  }

  // `configmaps/ns/name`, sorted.
  Names Left(const LogicalClusterId& cluster) {
    Names out;
    auto scanned = store->Snapshot()->Scan("", "", [&](std::string_view key, std::string_view, store::Revision) {
      auto decoded = storage::DecodeKey(key);
      REQUIRE(decoded.ok());
      if (decoded->cluster == cluster)
        out.push_back(decoded->resource.resource + "/" + decoded->ns + "/" + decoded->name);
      return true;
    });
    REQUIRE(scanned.ok());
    std::sort(out.begin(), out.end());
    return out;
  }

  // The stored object with its finalizers taken away.
  void Release(const LogicalClusterId& cluster, const char* resource, const char* ns, const char* name) {
    Put(cluster, resource, ns, name, R"({"deletionTimestamp":"2026-01-02T03:04:05Z"})");
  }

  Remaining RemoveNamespaced(std::string ns) {
    Remaining out;
    struct Call {
      static Task<void> Of(ContentRemover& remover, LogicalClusterId cluster, std::string ns, Remaining* out) {
        auto remaining = co_await remover.RemoveNamespaced(cluster, ns);
        CHECK_OK(remaining);
        *out = *std::move(remaining);
      }
    };
    testing::RunTask(Call::Of(remover, c1, std::move(ns), &out));
    return out;
  }
  Remaining RemoveCluster() {
    Remaining out;
    struct Call {
      static Task<void> Of(client::ApiClient& client, ContentRemover& remover, LogicalClusterId cluster,
                           Remaining* out) {
        auto self = co_await client.Get({cluster, {"core.kcp.io", "v1alpha1", "logicalclusters"}, "", "cluster", ""});
        CHECK_OK(self);
        auto remaining = co_await remover.RemoveCluster(cluster, *std::move(self));
        CHECK_OK(remaining);
        *out = *std::move(remaining);
      }
    };
    testing::RunTask(Call::Of(client, remover, c1, &out));
    return out;
  }
  bool Deleting(const char* resource, const char* ns, const char* name) {
    for (const auto& d : definitions) {
      if (d->gr().ToString() != resource) continue;
      auto entry = store->Snapshot()->Get(storage::EncodeKey({d->gr(), "", c1, ns, name}));
      REQUIRE(entry.ok());
      REQUIRE(entry->has_value());
      return (*entry)->value.find("\"deletionTimestamp\":") != std::string::npos;
    }
    return false;
  }

  const LogicalClusterId c1{"c1"}, c2{"c2"};
  SeededRandom random{1};
  store::testing::StoreFixture store{"memory"};
  std::vector<registry::DefinitionPtr> definitions;
  registry::Clusters clusters;
  registry::BuiltinResolver resolver;
  std::unique_ptr<registry::Registry> registry;
  registry::InProcessClient client;
  ContentRemover remover;
};

using Counts = std::map<std::string, int>;

TEST_CASE_METHOD(Fixture, "a namespace's content goes at once when nothing holds it", "[tenancy]") {
  Put(c1, "configmaps", "a", "x");
  Put(c1, "secrets", "a", "y");
  Put(c1, "events", "a", "e");
  Put(c1, "configmaps", "b", "x");
  Put(c1, "namespaces", "", "a");
  Put(c2, "configmaps", "a", "x");
  const store::Revision before = store->current();
  CHECK(RemoveNamespaced("a").empty());
  CHECK(store->current().value == before.value + 1);  // one transaction
  CHECK(Left(c1) == Names{"configmaps/b/x", "namespaces//a"});
  CHECK(Left(c2) == Names{"configmaps/a/x"});
  CHECK(RemoveNamespaced("a").empty());
}

TEST_CASE_METHOD(Fixture, "what has finalizers is asked to go and counted until it does", "[tenancy]") {
  Put(c1, "configmaps", "a", "free");
  Put(c1, "configmaps", "a", "held", R"({"finalizers":["example.com/f","example.com/g"]})");
  Put(c1, "secrets", "a", "held", R"({"finalizers":["example.com/f"]})");
  Remaining remaining = RemoveNamespaced("a");
  CHECK(remaining.instances == Counts{{"configmaps", 1}, {"secrets", 1}});
  CHECK(remaining.finalizers == Counts{{"example.com/f", 2}, {"example.com/g", 1}});
  CHECK(Left(c1) == Names{"configmaps/a/held", "secrets/a/held"});
  CHECK(Deleting("configmaps", "a", "held"));
  // Asking once is enough.
  const store::Revision asked = store->current();
  CHECK(RemoveNamespaced("a").instances == remaining.instances);
  CHECK(store->current() == asked);
  Release(c1, "configmaps", "a", "held");
  CHECK(RemoveNamespaced("a").instances == Counts{{"secrets", 1}});
  Release(c1, "secrets", "a", "held");
  CHECK(RemoveNamespaced("a").empty());
  CHECK(Left(c1).empty());
}

TEST_CASE_METHOD(Fixture, "a cluster goes children first, its own object last", "[tenancy]") {
  Put(c1, "workspaces.tenancy.kcp.io", "", "child", R"({"finalizers":["core.kcp.io/logicalcluster"]})");
  Put(c1, "configmaps", "a", "held", R"({"finalizers":["example.com/f"]})");
  Put(c1, "configmaps", "a", "free");
  Put(c1, "namespaces", "", "a");
  Put(c1, "namespaces", "", "empty");
  Put(c1, "clusterroles.rbac.authorization.k8s.io", "", "role");
  Put(c1, "clusterrolebindings.rbac.authorization.k8s.io", "", "workspace-admin");
  Put(c1, "apibindings.apis.kcp.io", "", "tenancy.kcp.io", R"({"finalizers":["apis.kcp.io/apibinding-finalizer"]})");
  Put(c1, "logicalclusters.core.kcp.io", "", "cluster", R"({"finalizers":["core.kcp.io/logicalcluster-deletion"]})");
  Put(c2, "configmaps", "a", "free");
  const Names all = Left(c1);

  // While a child is there nothing else is touched.
  CHECK(RemoveCluster().instances == Counts{{"workspaces.tenancy.kcp.io", 1}});
  CHECK(Left(c1) == all);
  CHECK(Deleting("workspaces.tenancy.kcp.io", "", "child"));
  CHECK_FALSE(Deleting("configmaps", "a", "held"));

  // Then content, but not what it takes to work with it.
  Release(c1, "workspaces.tenancy.kcp.io", "", "child");
  CHECK(RemoveCluster().instances == Counts{{"configmaps", 1}, {"namespaces", 1}});
  CHECK(Left(c1) == Names{"apibindings//tenancy.kcp.io", "clusterrolebindings//workspace-admin", "clusterroles//role",
                          "configmaps/a/held", "logicalclusters//cluster", "namespaces//a"});

  // The finalizers that stand for this very removal hold nothing.
  Release(c1, "configmaps", "a", "held");
  CHECK(RemoveCluster().empty());
  CHECK(Left(c1).empty());
  CHECK(Left(c2) == Names{"configmaps/a/free"});
}

TEST_CASE_METHOD(Fixture, "an emptied cluster that others hold is left to them", "[tenancy]") {
  Put(c1, "logicalclusters.core.kcp.io", "", "cluster",
      R"({"deletionTimestamp":"2026-01-02T03:04:05Z","finalizers":)"
      R"(["core.kcp.io/logicalcluster-deletion","example.com/f"]})");
  Put(c1, "configmaps", "a", "x");
  CHECK(RemoveCluster().empty());
  CHECK(Left(c1) == Names{"logicalclusters//cluster"});
  auto entry = store->Snapshot()->Get(storage::EncodeKey({{"core.kcp.io", "logicalclusters"}, "", c1, "", "cluster"}));
  REQUIRE(entry.ok());
  REQUIRE(entry->has_value());
  auto object = storage::StoredObject((*entry)->value, (*entry)->modified).Decode();
  REQUIRE(object.ok());
  CHECK(api::Finalizers(*object) == Names{"example.com/f"});
  // Saying so once is enough.
  const store::Revision told = store->current();
  CHECK(RemoveCluster().empty());
  CHECK(store->current() == told);
}

TEST_CASE_METHOD(Fixture, "more than one transaction's worth of content goes", "[tenancy]") {
  for (int i = 0; i < 1001; ++i) Put(c1, "configmaps", "a", std::to_string(i).c_str());
  CHECK(RemoveNamespaced("a").empty());
  CHECK(Left(c1).empty());
}

}  // namespace
}  // namespace atoll::tenancy
