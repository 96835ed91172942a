// What a new cluster contains, against what a workspace of a running kcp contained (spec/tenancy.md 1.8).
#include <map>

#include <catch2/catch.hpp>

#include "common/api/object.h"
#include "common/json/parse.h"
#include "common/json/write.h"
#include "shard/resources/all.h"
#include "shard/tenancy/bindings.h"
#include "shard/tenancy/new_cluster.h"

namespace atoll::tenancy {
namespace {

using Names = std::vector<std::string>;

json::Value Json(std::string_view text) {
  auto parsed = json::Parse(text);
  REQUIRE(parsed.ok());
  return *std::move(parsed);
}

// universal as it is in root, the exports it binds, and `own`, a type with an initializer and a terminator.
struct Fixture {
  Fixture() {
    Export("tenancy.kcp.io", {"workspaceauthenticationconfigurations", "workspaces", "workspacetypes"});
    Export("topology.kcp.io", {"partitions", "partitionsets"});
    Type("root", "root", "universal",
         R"({"initializer":true,"defaultAPIBindings":[{"path":"root","export":"tenancy.kcp.io"},)"
         R"({"path":"root","export":"topology.kcp.io"}]})");
    Type("org1", "root:org", "own",
         R"({"initializer":true,"terminator":true,"extend":{"with":[{"name":"universal","path":"root"}]}})");
    Type("root", "root", "bare", "{}");
    Type("root", "root", "unbound", R"({"defaultAPIBindings":[{"path":"root","export":"nothing"}]})");
    Type("root", "root", "foreign", R"({"defaultAPIBindings":[{"path":"root:org","export":"tenancy.kcp.io"}]})");
    Type("root", "root", "lost", R"({"extend":{"with":[{"name":"nothing","path":"root"}]}})");
  }
  void Export(const std::string& name, const Names& resources) {
    json::Value object = Json(R"({"metadata":{"annotations":{"kcp.io/path":"root"}},"status":{"identityHash":"h"}})");
    object.Ensure({"metadata", "name"}) = name;
    json::Array rows;
    for (const std::string& r : resources) {
      rows.push_back(
          Json(R"({"group":")" + name + R"(","name":")" + r + R"(","schema":"v1.)" + r + "." + name + R"("})"));
    }
    object.Ensure({"spec", "resources"}) = std::move(rows);
    catalog.Put({"apis.kcp.io", "apiexports"}, RootCluster(), object);
  }
  void Type(const char* cluster, const std::string& path, const std::string& name, const std::string& spec) {
    catalog.Put({"tenancy.kcp.io", "workspacetypes"}, LogicalClusterId(cluster),
                Json(R"({"metadata":{"name":")" + name + R"(","annotations":{"kcp.io/path":")" + path +
                     R"("}},"spec":)" + spec + "}"));
  }

  // The LogicalCluster as the placing shard sends it.
  static json::Value Placed(std::string_view type, std::string_view creator = "kcp-admin") {
    json::Value lc =
        Json(R"({"metadata":{"annotations":{"kcp.io/path":"root:org-a:w1","experimental.tenancy.kcp.io/owner":)"
             R"("{\"username\":\"kcp-admin\",\"groups\":[\"system:kcp:admin\"]}"}},"spec":{}})");
    api::SetAnnotation(&lc, kTypeAnnotation, type);
    if (!creator.empty()) lc.Ensure({"spec", "createdBy", "username"}) = creator;
    return lc;
  }

  absl::Status Make(json::Value placed) {
    objects.clear();
    ObjectBatch batch(
        [this](const api::Gvr& gvr) -> registry::DefinitionPtr {
          for (const auto& d : definitions) {
            if (d->gvr == gvr) return d;
          }
          return nullptr;
        },
        clock, random);
    auto content = NewClusterContent(LogicalClusterId("6np5wlnjvo2d8xtz"), std::move(placed), catalog,
                                     {.shard_name = "s1", .external_url = "https://h:6443", .root_ca_pem = "pem"},
                                     std::move(batch), clock.Now());
    if (!content.ok()) return content.status();
    for (const store::Op& op : content->ops) {
      CHECK(op.precondition.kind == store::Precondition::Kind::kAbsent);
      auto key = storage::DecodeKey(op.key);
      REQUIRE(key.ok());
      CHECK(key->cluster.name() == "6np5wlnjvo2d8xtz");
      auto object = storage::StoredObject(op.value, {}).Decode();
      REQUIRE(object.ok());
      objects[key->resource.resource + "/" + key->ns + "/" + key->name] = *std::move(object);
    }
    return absl::OkStatus();
  }
  Names Keys() const {
    Names out;
    for (const auto& [key, object] : objects) out.push_back(key);
    return out;
  }
  const json::Value& cluster() { return objects["logicalclusters//cluster"]; }

  Catalog catalog;
  ManualClock clock;
  SeededRandom random{1};
  std::vector<registry::DefinitionPtr> definitions = resources::BuiltinResources();
  std::map<std::string, json::Value> objects;
};

TEST_CASE_METHOD(Fixture, "a universal workspace contains what kcp's does", "[tenancy]") {
  REQUIRE(Make(Placed("root:universal")).ok());
  CHECK(Keys() == Names{"apibindings//tenancy.kcp.io-7atzd", "apibindings//topology.kcp.io-ayqer",
                        "clusterrolebindings//workspace-admin", "configmaps/default/kube-root-ca.crt",
                        "configmaps/kube-system/kube-root-ca.crt", "logicalclusters//cluster", "namespaces//default",
                        "namespaces//kube-system", "serviceaccounts/default/default",
                        "serviceaccounts/kube-system/default"});
  for (const char* name : {"default", "kube-system"}) {
    CAPTURE(name);
    const json::Value& ns = objects[std::string("namespaces//") + name];
    CHECK(api::Annotation(ns, "bootstrap.kcp.io/create-only") == "true");
    CHECK(api::Label(ns, "kubernetes.io/metadata.name") == name);
    CHECK(json::Write(*ns.Find("spec")) == R"({"finalizers":["kubernetes"]})");
    CHECK(json::Write(*ns.Find("status")) == R"({"phase":"Active"})");
    CHECK(json::Write(*objects["configmaps/" + std::string(name) + "/kube-root-ca.crt"].Find("data")) ==
          R"({"ca.crt":"pem"})");
  }
  const json::Value& admin = objects["clusterrolebindings//workspace-admin"];
  CHECK(json::Write(*admin.Find("subjects")) ==
        R"([{"kind":"User","apiGroup":"rbac.authorization.k8s.io","name":"kcp-admin"}])");
  CHECK(json::Write(*admin.Find("roleRef")) ==
        R"({"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"cluster-admin"})");
  CHECK(api::Annotation(admin, "internal.kcp.io/replicate") == "apis.kcp.io,tenancy.kcp.io");

  const json::Value& binding = objects["apibindings//tenancy.kcp.io-7atzd"];
  CHECK(api::Annotation(binding, api::kPathAnnotation) == "root:org-a:w1");
  CHECK(binding.StringAt({"status", "phase"}) == "Bound");
  CHECK(binding.At({"status", "boundResources"})->array().size() == 3);

  CHECK(api::Annotation(cluster(), kShardAnnotation) == "s1");
  CHECK(api::Annotation(cluster(), kOwnerAnnotation) == R"({"username":"kcp-admin"})");
  CHECK(api::Annotation(cluster(), kResourceBindingsAnnotation) ==
        R"({"partitions.topology.kcp.io":{"n":"topology.kcp.io-ayqer"},)"
        R"("partitionsets.topology.kcp.io":{"n":"topology.kcp.io-ayqer"},)"
        R"("workspaceauthenticationconfigurations.tenancy.kcp.io":{"n":"tenancy.kcp.io-7atzd"},)"
        R"("workspaces.tenancy.kcp.io":{"n":"tenancy.kcp.io-7atzd"},)"
        R"("workspacetypes.tenancy.kcp.io":{"n":"tenancy.kcp.io-7atzd"}})");
  CHECK(api::Finalizers(cluster()) == Names{"core.kcp.io/logicalcluster-deletion"});
  CHECK(api::Label(cluster(), kPhaseLabel) == "Ready");
  CHECK(cluster().StringAt({"status", "URL"}) == "https://h:6443/clusters/6np5wlnjvo2d8xtz");
  CHECK(cluster().StringAt({"status", "phase"}) == "Ready");
  CHECK(cluster().At({"status", "initializers"}) == nullptr);
  CHECK(cluster().IntAt({"metadata", "generation"}) == 1);
}

TEST_CASE_METHOD(Fixture, "a type's own initializer and terminator are left to others", "[tenancy]") {
  REQUIRE(Make(Placed("root:org:own")).ok());
  CHECK(objects.contains("namespaces//default"));
  CHECK(cluster().StringAt({"status", "phase"}) == "Initializing");
  CHECK(api::Label(cluster(), kPhaseLabel) == "Initializing");
  CHECK(json::Write(*cluster().At({"status", "initializers"})) == R"(["org1:own"])");
  CHECK(json::Write(*cluster().At({"status", "terminators"})) == R"(["org1:own"])");
  CHECK(api::Finalizers(cluster()) == Names{"core.kcp.io/logicalcluster-deletion", "kcp.io/has-terminators"});
  const json::Value* condition = api::FindCondition(cluster(), "WorkspaceInitialized");
  REQUIRE(condition != nullptr);
  CHECK(condition->StringAt({"status"}) == "False");
  CHECK(condition->StringAt({"reason"}) == "InitializerExists");
  CHECK(condition->StringAt({"message"}) == "Initializers still exist: [org1:own]");
  // Whoever initializes it may still want to know all of the owner.
  CHECK(api::Annotation(cluster(), kOwnerAnnotation) == R"({"username":"kcp-admin","groups":["system:kcp:admin"]})");
}

TEST_CASE_METHOD(Fixture, "the initializers that a type asks for, in order", "[tenancy]") {
  auto own = catalog.Expand(catalog.FindType("root:org", "own"));
  REQUIRE(own.ok());
  CHECK(InitializersOf(*own) == Names{"root:universal", "org1:own", "system:apibindings"});
  CHECK(TerminatorsOf(*own) == Names{"org1:own"});
  CHECK(InitializersOf({catalog.FindType("root", "bare")}).empty());
}

TEST_CASE_METHOD(Fixture, "a type that extends nothing brings no namespaces and no bindings", "[tenancy]") {
  REQUIRE(Make(Placed("root:bare")).ok());
  CHECK(Keys() == Names{"clusterrolebindings//workspace-admin", "logicalclusters//cluster"});
  CHECK(cluster().StringAt({"status", "phase"}) == "Ready");
  CHECK_FALSE(api::HasAnnotation(cluster(), kResourceBindingsAnnotation));
}

TEST_CASE_METHOD(Fixture, "workspace-admin is the creator's, else the owner's, else nobody's", "[tenancy]") {
  const auto subject = [this]() -> std::string_view {
    const auto it = objects.find("clusterrolebindings//workspace-admin");
    return it == objects.end() ? "" : it->second.Find("subjects")->array()[0].StringAt({"name"});
  };
  REQUIRE(Make(Placed("root:bare", "alice")).ok());
  CHECK(subject() == "alice");
  REQUIRE(Make(Placed("root:bare", "")).ok());
  CHECK(subject() == "kcp-admin");
  json::Value nobody = Placed("root:bare", "");
  api::RemoveAnnotation(&nobody, kOwnerAnnotation);
  REQUIRE(Make(std::move(nobody)).ok());
  CHECK(subject() == "");
}

TEST_CASE_METHOD(Fixture, "what this shard does not know yet is to be tried again", "[tenancy]") {
  struct Case {
    const char* type;
    absl::StatusCode code;
    const char* message;
  };
  const Case cases[] = {
      {"root:nope", absl::StatusCode::kFailedPrecondition, "workspace type root:nope is not known on this shard yet"},
      {"root:elsewhere:universal", absl::StatusCode::kFailedPrecondition,
       "workspace type root:elsewhere:universal is not known on this shard yet"},
      {"root:unbound", absl::StatusCode::kFailedPrecondition, "APIExport root:nothing is not known on this shard yet"},
      {"root:foreign", absl::StatusCode::kFailedPrecondition,
       "APIExport root:org:tenancy.kcp.io is not known on this shard yet"},
      {"root:lost", absl::StatusCode::kFailedPrecondition, "unable to find inherited workspace type nothing"},
      {"universal", absl::StatusCode::kInvalidArgument,
       "annotation internal.tenancy.kcp.io/type must be in the form of cluster:name"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.type);
    const absl::Status status = Make(Placed(c.type));
    CHECK(status.code() == c.code);
    CHECK(status.message() == c.message);
  }
}

}  // namespace
}  // namespace atoll::tenancy
