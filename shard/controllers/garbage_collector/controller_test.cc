#include "shard/controllers/garbage_collector/controller.h"

#include <catch2/catch.hpp>

#include "common/api/object.h"
#include "common/json/parse.h"
#include "shard/controllers/framework/controller_testing.h"
#include "shard/storage/stored_object.h"

namespace atoll::controllers {
namespace {

const api::Gvr kConfigMaps{"", "v1", "configmaps"};

struct Fixture : ControllerFixture {
  Fixture() : ControllerFixture(NewGarbageCollector) {}

  client::ObjectRef Ref(std::string name, std::string ns = "default") const {
    return {cluster, kConfigMaps, std::move(ns), std::move(name), ""};
  }
  // An owner of `object` with blockOwnerDeletion.
  static std::string By(const json::Value& owner) {
    return StrCat(R"({"apiVersion":"v1","kind":"ConfigMap","name":")", api::Name(owner), R"(","uid":")",
                  api::Uid(owner), R"(","blockOwnerDeletion":true})");
  }
  json::Value Make(std::string name, std::string owners = "", std::string more = "", std::string ns = "default") {
    const std::string text =
        StrCat(R"({"metadata":{"name":")", name, R"(","ownerReferences":[)", owners, "]", more, "}}");
    auto made = Await(client.Create(Ref(name, ns), *json::Parse(text)));
    CHECK_OK(made);
    return *std::move(made);
  }
  void Delete(std::string name, std::string policy) { CHECK(Await(client.Delete(Ref(name), "", policy)).ok()); }
  std::optional<json::Value> Get(std::string name) {
    auto entry = store->Snapshot()->Get(storage::EncodeKey({kConfigMaps.gr(), "", cluster, "default", name}));
    CHECK_OK(entry);
    if (!entry->has_value()) return std::nullopt;
    return *storage::StoredObject((*entry)->value, (*entry)->modified).Decode();
  }
  bool Gone(const char* name) { return !Get(name).has_value(); }
};

TEST_CASE_METHOD(Fixture, "dependents follow their owner", "[controllers]") {
  const json::Value a = Make("a"), other = Make("other");
  const json::Value b = Make("b", By(a));
  Make("c", By(b));
  Make("shared", By(a) + "," + By(other));
  Delete("a", "Background");
  Until([&] {
    return Gone("b") && Gone("c") && Get("shared")->At({"metadata", "ownerReferences"})->array().size() == 1;
  });
  CHECK_FALSE(Gone("other"));
}

TEST_CASE_METHOD(Fixture, "dependents of what is not there go, of what is not known stay", "[controllers]") {
  Make("absent", R"({"apiVersion":"v1","kind":"ConfigMap","name":"x","uid":"x"})");
  Make("unknown", R"({"apiVersion":"x.example.dev/v1","kind":"X","name":"x","uid":"x"})");
  const json::Value far = Make("far", "", "", "elsewhere");
  Make("astray", By(far));
  Until([&] { return Gone("absent") && Gone("astray"); });
  CHECK_FALSE(Gone("unknown"));
  auto events = Await(client.List({cluster, {"", "v1", "events"}, "default", "", ""}));
  CHECK_OK(events);
  REQUIRE(events->items.size() == 1);
  CHECK(events->items[0].StringAt({"reason"}) == "OwnerRefInvalidNamespace");
  CHECK(events->items[0].StringAt({"message"}) ==
        StrCat("ownerRef [v1/ConfigMap, cluster: c1, namespace: default, name: far, uid: ", api::Uid(far),
               "] does not exist in namespace \"default\""));
}

TEST_CASE_METHOD(Fixture, "a foreground deletion waits for what blocks, also across a restart", "[controllers]") {
  const json::Value a = Make("a");
  Make("held", By(a), R"(,"finalizers":["x/y"])");
  Make("plain", By(a));
  Delete("a", "Foreground");
  Until([&] { return Gone("plain") && api::IsDeleting(*Get("held")); });
  CHECK(api::HasFinalizer(*Get("a"), "foregroundDeletion"));
  Stop();
  CHECK_OK(Await(client.MergePatch(Ref("held"), *json::Parse(R"({"metadata":{"finalizers":null}})"))));
  Start();
  Until([&] { return Gone("a") && Gone("held"); });
}

TEST_CASE_METHOD(Fixture, "a circle of owners is deleted in foreground", "[controllers]") {
  const json::Value a = Make("a");
  const json::Value b = Make("b", By(a));
  CHECK_OK(Await(client.MergePatch(Ref("a"), *json::Parse(R"({"metadata":{"ownerReferences":[)" + By(b) + "]}}"))));
  Delete("a", "Foreground");
  Until([&] { return Gone("a") && Gone("b"); });
}

TEST_CASE_METHOD(Fixture, "orphans forget their owner before it goes", "[controllers]") {
  const json::Value a = Make("a"), other = Make("other");
  Make("b", By(a));
  Make("c", By(a) + "," + By(other));
  Delete("a", "Orphan");
  Until([&] { return Gone("a"); });
  CHECK(Get("b")->At({"metadata", "ownerReferences"}) == nullptr);
  CHECK(Get("c")->At({"metadata", "ownerReferences"})->array().size() == 1);
}

}  // namespace
}  // namespace atoll::controllers
