#include "shard/bootstrap/bootstrap.h"

#include <map>

#include <catch2/catch.hpp>

#include "common/api/object.h"
#include "common/json/write.h"
#include "common/store/store_testing.h"
#include "shard/resources/all.h"
#include "shard/storage/stored_object.h"
#include "shard/tenancy/bindings.h"
#include "shard/tenancy/new_cluster.h"

namespace atoll::bootstrap {
namespace {

using Names = std::vector<std::string>;

// A shard's empty store, and its content after each run.
struct Fixture {
  Fixture() {
    options.store = &*store;
    options.definitions = resources::BuiltinResources();
    options.clock = &clock;
    options.random = &random;
    options.base_url = "https://base";
    options.external_url = "https://external";
    options.virtual_workspace_url = "https://virtual";
    options.rpc_address = "127.0.0.1:1";
    options.root_ca_pem = "pem";
  }
  void Run() {
    CHECK_OK(bootstrap::Run(options));
    objects.clear();
    revisions.clear();
    auto scanned =
        store->Snapshot()->Scan("", "", [&](std::string_view key, std::string_view value, store::Revision modified) {
          auto decoded = storage::DecodeKey(key);
          CHECK_OK(decoded);
          auto object = storage::StoredObject(std::string(value), modified).Decode();
          CHECK_OK(object);
          const std::string name =
              decoded->cluster.name() + "|" + decoded->resource.resource + "/" + decoded->ns + "/" + decoded->name;
          objects[name] = *std::move(object);
          revisions[name] = modified;
          return true;
        });
    REQUIRE(scanned.ok());
  }
  // The names of what starts with `prefix`.
  Names Under(const std::string& prefix) const {
    Names out;
    for (const auto& [name, object] : objects) {
      if (name.starts_with(prefix)) out.push_back(name.substr(prefix.size()));
    }
    return out;
  }

  ManualClock clock;
  SeededRandom random{1};
  store::testing::StoreFixture store{"memory"};
  Options options;
  std::map<std::string, json::Value> objects;
  std::map<std::string, store::Revision> revisions;
};

TEST_CASE_METHOD(Fixture, "the first run makes root", "[bootstrap]") {
  Run();
  CHECK(Under("root|workspacetypes//") == Names{"home", "organization", "root", "team", "universal"});
  CHECK(Under("root|apiexports//") == Names{"cache.kcp.io", "shards.core.kcp.io", "tenancy.kcp.io", "topology.kcp.io"});
  CHECK(Under("root|apibindings//") == Under("root|apiexports//"));
  CHECK(Under("root|secrets/kcp-system/") == Under("root|apiexports//"));
  CHECK(Under("root|namespaces//") == Names{"default", "kcp-system"});
  CHECK(Under("root|serviceaccounts/") == Names{"default/default", "kcp-system/default"});
  CHECK(Under("root|shards//") == Names{"root"});
  CHECK_FALSE(Under("root|clusterroles//").empty());
  CHECK_FALSE(Under("root|clusterrolebindings//").empty());

  const json::Value& lc = objects["root|logicalclusters//cluster"];
  CHECK(api::Annotation(lc, tenancy::kTypeAnnotation) == "root:root");
  CHECK(api::Annotation(lc, tenancy::kOwnerAnnotation) == R"({"username":"system:kcp-bootstrapper"})");
  CHECK(api::Annotation(lc, tenancy::kShardAnnotation) == "root");
  CHECK(lc.StringAt({"status", "phase"}) == "Ready");
  CHECK(lc.StringAt({"status", "URL"}) == "https://external/clusters/root");
  CHECK(api::Annotation(lc, tenancy::kResourceBindingsAnnotation)
            .find(R"("shards.core.kcp.io":{"n":"shards.core.kcp.io"})") != std::string_view::npos);

  const json::Value& shard = objects["root|shards//root"];
  CHECK(api::Label(shard, "name") == "root");
  CHECK(json::Write(*shard.Find("spec")) ==
        R"({"baseURL":"https://base","externalURL":"https://external","virtualWorkspaceURL":"https://virtual"})");
}

TEST_CASE_METHOD(Fixture, "exports, their schemas and their bindings agree", "[bootstrap]") {
  Run();
  for (const std::string& name : Under("root|apiexports//")) {
    CAPTURE(name);
    const json::Value& exported = objects["root|apiexports//" + name];
    const std::string hash(exported.StringAt({"status", "identityHash"}));
    CHECK(hash.size() == 64);
    const json::Array& bound = objects["root|apibindings//" + name].At({"status", "boundResources"})->array();
    const json::Array& resources = exported.At({"spec", "resources"})->array();
    REQUIRE(bound.size() == resources.size());
    for (size_t i = 0; i < bound.size(); ++i) {
      CHECK(bound[i].StringAt({"resource"}) == resources[i].StringAt({"name"}));
      CHECK(bound[i].StringAt({"schema", "identityHash"}) == hash);
      const auto schema = objects.find("root|apiresourceschemas//" + std::string(resources[i].StringAt({"schema"})));
      REQUIRE(schema != objects.end());
      CHECK(bound[i].StringAt({"schema", "UID"}) == api::Uid(schema->second));
    }
    CHECK((exported.At({"spec", "maximalPermissionPolicy", "local"}) != nullptr) == (name == "tenancy.kcp.io"));
  }
}

TEST_CASE_METHOD(Fixture, "the workspace types are kcp's", "[bootstrap]") {
  Run();
  struct Case {
    const char *name, *spec;
  };
  constexpr char kUniversal[] = R"("extend":{"with":[{"name":"universal","path":"root"}]})";
  constexpr char kChild[] = R"("defaultChildWorkspaceType":{"name":"universal","path":"root"})";
  const std::pair<const char*, std::string> cases[] = {
      {"universal", std::string(R"({"defaultAPIBindings":[{"export":"tenancy.kcp.io","path":"root"},)") +
                        R"({"export":"topology.kcp.io","path":"root"}],)" + kChild + R"(,"initializer":true})"},
      {"root", std::string(R"({"defaultChildWorkspaceType":{"name":"organization","path":"root"},)") + kUniversal +
                   R"(,"limitAllowedParents":{"none":true}})"},
      {"home", std::string("{") + kChild + "," + kUniversal + R"(,"limitAllowedParents":{"none":true}})"},
      {"organization", std::string("{") + kChild + "," + kUniversal +
                           R"(,"limitAllowedChildren":{"types":[{"name":"universal","path":"root"}]},)"
                           R"("limitAllowedParents":{"types":[{"name":"root","path":"root"}]}})"},
      {"team", std::string("{") + kChild + "," + kUniversal +
                   R"(,"limitAllowedParents":{"types":[{"name":"organization","path":"root"},)"
                   R"({"name":"team","path":"root"}]}})"},
  };
  for (const auto& [name, spec] : cases) {
    CAPTURE(name);
    CHECK(json::Write(*objects[std::string("root|workspacetypes//") + name].Find("spec")) == spec);
  }
  CHECK(objects["root|workspacetypes//team"].At({"status", "virtualWorkspaces"})->array()[0].StringAt({"url"}) ==
        "https://virtual/services/initializingworkspaces/root:team");
}

TEST_CASE_METHOD(Fixture, "without the battery root's children are universal", "[bootstrap]") {
  options.workspace_types = false;
  Run();
  CHECK(Under("root|workspacetypes//") == Names{"home", "root", "universal"});
  CHECK(objects["root|workspacetypes//root"].StringAt({"spec", "defaultChildWorkspaceType", "name"}) == "universal");
}

TEST_CASE_METHOD(Fixture, "every shard has its system clusters, only the root shard has root", "[bootstrap]") {
  options.shard_name = "s1";
  Run();
  CHECK(Under("root|").empty());
  CHECK(Under("system:admin|namespaces//") == Names{"default", "kube-public", "kube-system"});
  CHECK(objects.contains("system:admin|clusterroles//cluster-admin"));
  const json::Value& lc = objects["system:shard|logicalclusters//cluster"];
  CHECK(api::Annotation(lc, tenancy::kShardAnnotation) == "s1");
  CHECK(lc.StringAt({"status", "phase"}) == "Ready");
}

TEST_CASE_METHOD(Fixture, "a second run changes the URLs of the shard and nothing else", "[bootstrap]") {
  options.region = "eu";
  Run();
  const auto first = revisions;
  const store::Revision before = store->current();
  clock.Advance(absl::Hours(1));
  Run();
  CHECK(store->current() == before);
  CHECK(revisions == first);

  options.base_url = "https://moved";
  options.rpc_address = "127.0.0.1:2";
  options.region = "us";  // labels are the administrators'
  const std::string uid(api::Uid(objects["root|shards//root"]));
  Run();
  CHECK(store->current().value == before.value + 1);
  const json::Value& shard = objects["root|shards//root"];
  CHECK(shard.StringAt({"spec", "baseURL"}) == "https://moved");
  CHECK(api::Annotation(shard, tenancy::kRpcAddressAnnotation) == "127.0.0.1:2");
  CHECK(api::Label(shard, "region") == "eu");
  CHECK(api::Uid(shard) == uid);
  revisions["root|shards//root"] = first.at("root|shards//root");
  CHECK(revisions == first);
}

}  // namespace
}  // namespace atoll::bootstrap
