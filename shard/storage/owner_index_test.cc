#include "shard/storage/owner_index.h"

#include <catch2/catch.hpp>

#include "common/json/parse.h"
#include "common/store/store_testing.h"
#include "shard/storage/stored_object.h"

namespace atoll::storage {
namespace {

using Keys = std::vector<std::string>;

// An object of which the named uids are owners.
json::Value Owned(const std::vector<std::string>& uids) {
  json::Value object = json::Value::MakeObject();
  object.Ensure({"metadata", "name"}) = "x";
  json::Array owners;
  for (const std::string& uid : uids) {
    json::Value owner = json::Value::MakeObject();
    owner.Ensure({"uid"}) = uid;
    owners.push_back(std::move(owner));
  }
  if (!owners.empty()) object.Ensure({"metadata", "ownerReferences"}) = std::move(owners);
  return object;
}

std::string Key(std::string_view name, std::string_view cluster = "c1") {
  return EncodeKey({{"", "configmaps"}, "", LogicalClusterId(std::string(cluster)), "default", std::string(name)});
}

Keys Found(store::Store& store, std::string_view uid, std::string_view after = "", size_t max = 100) {
  auto found = Dependents(*store.Snapshot(), LogicalClusterId("c1"), uid, after, max);
  REQUIRE(found.ok());
  return *found;
}

TEST_CASE("the owner index follows an object's owners", "[storage]") {
  store::testing::StoreFixture store("memory");
  const LogicalClusterId cluster("c1");
  std::optional<json::Value> before;
  struct Step {
    std::vector<std::string> owners;
    size_t writes;  // index entries put or removed
  };
  for (const Step& step : std::vector<Step>{{{}, 0},
                                            {{"a", "b"}, 2},
                                            {{"a", "b"}, 0},
                                            {{"b", "c", "c"}, 2},
                                            {{"c"}, 1},
                                            {{std::string("n\0ul", 4), ""}, 1},
                                            {{"d"}, 1}}) {
    const json::Value after = Owned(step.owners);
    store::Transaction txn;
    IndexOwners(cluster, Key("x"), before ? &*before : nullptr, &after, &txn);
    CHECK(txn.index.size() == step.writes);
    CHECK_OK(store::testing::Commit(*store, std::move(txn)));
    for (std::string uid : {"a", "b", "c", "d"}) {
      const bool named = std::find(step.owners.begin(), step.owners.end(), uid) != step.owners.end();
      CHECK(Found(*store, uid) == (named ? Keys{Key("x")} : Keys{}));
    }
    before = after;
  }
  store::Transaction txn;
  IndexOwners(cluster, Key("x"), &*before, nullptr, &txn);
  CHECK_OK(store::testing::Commit(*store, std::move(txn)));
  CHECK(Found(*store, "d").empty());
}

TEST_CASE("dependents come in pages, of one cluster and one uid", "[storage]") {
  store::testing::StoreFixture store("memory");
  store::Transaction txn;
  const json::Value owned = Owned({"u"}), other = Owned({"u2"});
  for (const char* name : {"a", "a2", "b", "c"}) IndexOwners(LogicalClusterId("c1"), Key(name), nullptr, &owned, &txn);
  IndexOwners(LogicalClusterId("c2"), Key("z", "c2"), nullptr, &owned, &txn);
  IndexOwners(LogicalClusterId("c1"), Key("y"), nullptr, &other, &txn);
  CHECK_OK(store::testing::Commit(*store, std::move(txn)));
  CHECK(Found(*store, "u", "", 2) == Keys{Key("a"), Key("a2")});
  CHECK(Found(*store, "u", Key("a2"), 2) == Keys{Key("b"), Key("c")});
  CHECK(Found(*store, "u", Key("c")).empty());
  CHECK(Found(*store, "u", Key("a1")) == Keys{Key("a2"), Key("b"), Key("c")});
}

TEST_CASE("references are read from stored bytes", "[storage]") {
  registry::ResourceDefinition d;
  d.gvr = {"", "v1", "configmaps"};
  d.kind = "ConfigMap";
  const auto stored = [&](std::string_view json) {
    auto object = json::Parse(json);
    REQUIRE(object.ok());
    return EncodeObject(d, LogicalClusterId("c1"), *std::move(object));
  };
  using Refs = std::vector<OwnerReference>;
  CHECK(OwnerReferencesOf(stored(R"({"metadata":{"name":"x"}})")).empty());
  // Elsewhere than in the object's own metadata they mean nothing.
  CHECK(OwnerReferencesOf(stored(R"({"metadata":{"name":"x"},"spec":{"ownerReferences":[{"uid":"u"}]}})")).empty());
  CHECK(OwnerReferencesOf(
            stored(R"({"metadata":{"name":"x","ownerReferences":[)"
                   R"({"apiVersion":"v1","kind":"K","name":"n","uid":"u","blockOwnerDeletion":true},)"
                   R"({"apiVersion":"v1","kind":"K","name":"m","uid":"w","blockOwnerDeletion":false}]}})")) ==
        Refs{{"v1", "K", "n", "u", true}, {"v1", "K", "m", "w", false}});
}

TEST_CASE("a store from before the index gets one, once", "[storage]") {
  store::testing::StoreFixture store("memory");
  registry::ResourceDefinition d;
  d.gvr = {"", "v1", "configmaps"};
  d.kind = "ConfigMap";
  store::Transaction txn;
  for (const char* name : {"a", "b"}) {
    store::Op op;
    op.key = Key(name);
    op.value = EncodeObject(d, LogicalClusterId("c1"), Owned(*name == 'a' ? Keys{"u"} : Keys{}));
    txn.ops.push_back(std::move(op));
  }
  CHECK_OK(store::testing::Commit(*store, std::move(txn)));
  CHECK(Found(*store, "u").empty());
  const store::Revision before = (*store).current();
  CHECK_OK(EnsureOwnerIndex(*store));
  CHECK(Found(*store, "u") == Keys{Key("a")});
  CHECK((*store).current() == before);  // no watcher hears of it
  // The second time it is there and nothing is read: what was taken away stays away.
  store::Transaction away;
  const json::Value owned = Owned({"u"});
  IndexOwners(LogicalClusterId("c1"), Key("a"), &owned, nullptr, &away);
  CHECK_OK(store::testing::Commit(*store, std::move(away)));
  CHECK_OK(EnsureOwnerIndex(*store));
  CHECK(Found(*store, "u").empty());
}

}  // namespace
}  // namespace atoll::storage
