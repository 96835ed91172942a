#include "shard/tenancy/new_cluster.h"

#include <map>

#include <catch2/catch.hpp>

#include "common/json/parse.h"
#include "common/json/write.h"
#include "shard/resources/all.h"

namespace atoll::tenancy {
namespace {

json::Value Json(std::string_view text) {
  auto parsed = json::Parse(text);
  REQUIRE(parsed.ok());
  return *std::move(parsed);
}

// The objects that a transaction adds, by resource and name.
std::map<std::string, json::Value> ObjectsOf(const store::Transaction& txn) {
  std::map<std::string, json::Value> out;
  for (const store::Op& op : txn.ops) {
    auto key = storage::DecodeKey(op.key);
    REQUIRE(key.ok());
    auto object = storage::StoredObject(op.value, {}).Decode();
    REQUIRE(object.ok());
    out[key->resource.resource + "/" + key->name] = *std::move(object);
  }
  return out;
}

// `manager operation subresource fields`, one line an entry.
std::string FieldsOf(const json::Value& object) {
  std::string out;
  const json::Value* managed = object.At({"metadata", "managedFields"});
  if (managed == nullptr) return out;
  for (const json::Value& e : managed->array()) {
    out += std::string(e.StringAt({"manager"})) + " " + std::string(e.StringAt({"operation"})) + " " +
           std::string(e.StringAt({"subresource"})) + " " + json::Write(*e.Find("fieldsV1")) + "\n";
  }
  return out;
}

TEST_CASE("a new cluster's content says who wrote it, as kcp's controllers do", "[tenancy]") {
  Catalog catalog;
  catalog.Put({"tenancy.kcp.io", "workspacetypes"}, RootCluster(),
              Json(R"({"metadata":{"name":"universal","annotations":{"kcp.io/path":"root"}},"spec":{"initializer":true,
                       "defaultAPIBindings":[{"path":"root","export":"topology.kcp.io"}]}})"));
  catalog.Put({"apis.kcp.io", "apiexports"}, RootCluster(),
              Json(R"({"metadata":{"name":"topology.kcp.io","annotations":{"kcp.io/path":"root"}},"spec":{"resources":[
                       {"group":"topology.kcp.io","name":"partitions","schema":"v1.partitions.topology.kcp.io"}]},"status":{"identityHash":"h"}})"));
  std::vector<registry::DefinitionPtr> definitions = resources::BuiltinResources();
  ManualClock clock;
  ObjectBatch batch(
      [&](const api::Gvr& gvr) -> registry::DefinitionPtr {
        for (const auto& d : definitions) {
          if (d->gvr == gvr) return d;
        }
        return nullptr;
      },
      clock, SystemRandom());
  auto content = NewClusterContent(LogicalClusterId("c1"),
                                   Json(R"({"metadata":{"annotations":{"internal.tenancy.kcp.io/type":"root:universal",
      "kcp.io/path":"root:a","experimental.tenancy.kcp.io/owner":"{\"username\":\"u\",\"groups\":[\"g\"]}"}},
      "spec":{"createdBy":{"username":"u"},"initializers":["root:universal","system:apibindings"]}})"),
                                   catalog, {.shard_name = "root", .external_url = "https://h", .root_ca_pem = "pem"},
                                   std::move(batch), clock.Now());
  REQUIRE(content.ok());
  auto objects = ObjectsOf(*content);
  CHECK(
      FieldsOf(objects["namespaces/default"]) ==
      R"(kcp Update  {"f:metadata":{"f:annotations":{".":{},"f:bootstrap.kcp.io/create-only":{}},"f:labels":{".":{},"f:kubernetes.io/metadata.name":{}}}})"
      "\n");
  CHECK(json::Write(*objects["namespaces/default"].Find("spec")) == R"({"finalizers":["kubernetes"]})");
  CHECK(
      FieldsOf(objects["configmaps/kube-root-ca.crt"]) ==
      R"(kcp Update  {"f:data":{".":{},"f:ca.crt":{}},"f:metadata":{"f:annotations":{".":{},"f:kubernetes.io/description":{}}}})"
      "\n");
  CHECK(FieldsOf(objects["serviceaccounts/default"]).empty());
  CHECK(
      FieldsOf(objects["logicalclusters/cluster"]) ==
      R"(apibinding-reconciler-locks Apply  {"f:metadata":{"f:annotations":{"f:internal.apis.kcp.io/resource-bindings":{}}},"f:spec":{}})"
      "\n"
      R"(kcp Update  {"f:metadata":{"f:annotations":{".":{},"f:core.kcp.io/shard":{},"f:experimental.tenancy.kcp.io/owner":{},)"
      R"("f:internal.tenancy.kcp.io/type":{},"f:kcp.io/path":{}},"f:labels":{".":{},"f:tenancy.kcp.io/phase":{}}},)"
      R"("f:spec":{".":{},"f:createdBy":{".":{},"f:username":{}},"f:directlyDeletable":{},"f:initializers":{}}})"
      "\n"
      R"(kcp Update status {"f:status":{"f:URL":{},"f:conditions":{},"f:phase":{}}})"
      "\n");
  CHECK(objects["logicalclusters/cluster"].StringAt({"metadata", "annotations", "experimental.tenancy.kcp.io/owner"}) ==
        R"({"username":"u"})");
}

}  // namespace
}  // namespace atoll::tenancy
