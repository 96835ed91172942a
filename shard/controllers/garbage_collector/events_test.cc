#include "shard/controllers/garbage_collector/events.h"

#include <catch2/catch.hpp>

#include "common/json/parse.h"
#include "shard/controllers/garbage_collector/keys.h"
#include "shard/storage/stored_object.h"

namespace atoll::controllers {
namespace {

using EventKind = store::Event::Kind;
using Keys = std::vector<std::string>;

const LogicalClusterId kCluster("c1"), kGoing("c2");

std::string Key(std::string_view resource = "configmaps", const LogicalClusterId& cluster = kCluster) {
  return storage::EncodeKey({{"", std::string(resource)}, "", cluster, "default", "x"});
}

std::string Stored(std::string_view metadata) {
  registry::ResourceDefinition d;
  d.gvr = {"", "v1", "configmaps"};
  d.kind = "ConfigMap";
  auto parsed = json::Parse(metadata);
  REQUIRE(parsed.ok());
  json::Value object = json::Value::MakeObject();
  object.object().Set("metadata", *std::move(parsed));
  return storage::EncodeObject(d, kCluster, std::move(object));
}

TEST_CASE("which events the garbage collector looks at", "[controllers]") {
  registry::Clusters clusters;
  const auto put = [&](const LogicalClusterId& id, const char* metadata) {
    clusters.Put(id, *json::Parse(std::string(R"({"metadata":)") + metadata + R"(,"status":{"phase":"Ready"}})"));
  };
  put(kCluster, "{}");
  put(kGoing, R"({"deletionTimestamp":"2026-01-02T03:04:05Z"})");

  const std::string plain = R"({"name":"x","uid":"me"})";
  const std::string a = R"({"apiVersion":"v1","kind":"K","name":"a","uid":"ua","blockOwnerDeletion":true})";
  const std::string a_free = R"({"apiVersion":"v1","kind":"K","name":"a","uid":"ua"})";
  const std::string b = R"({"apiVersion":"v1","kind":"K","name":"b","uid":"ub","blockOwnerDeletion":true})";
  const auto owned = [](const std::string& owners) {
    return R"({"name":"x","uid":"me","ownerReferences":[)" + owners + "]}";
  };
  const std::string held =
      R"({"name":"x","uid":"me","deletionTimestamp":"2026-01-02T03:04:05Z","finalizers":["foregroundDeletion"]})";
  const std::string owner_a = OwnerKey(kCluster, "default", {"v1", "K", "a", "ua", true});
  const std::string owner_b = OwnerKey(kCluster, "default", {"v1", "K", "b", "ub", true});

  struct Case {
    const char* what;
    EventKind kind;
    std::string key, value, previous;
    Keys want;
  };
  const std::vector<Case> cases = {
      {"created, nobody's", EventKind::kCreated, Key(), plain, "", {}},
      {"created, owned", EventKind::kCreated, Key(), owned(a_free), "", {ItemKey(Key())}},
      {"an event, owned", EventKind::kCreated, Key("events"), owned(a), "", {}},
      {"updated, references as before", EventKind::kUpdated, Key(), owned(a), "", {}},
      {"updated, other labels", EventKind::kUpdated, Key(), owned(a), owned(a), {}},
      {"updated, another owner", EventKind::kUpdated, Key(), owned(b), owned(a), {owner_a, ItemKey(Key())}},
      {"updated, no owner any more", EventKind::kUpdated, Key(), plain, owned(a + "," + b), {owner_a, owner_b}},
      {"updated, blocks no more", EventKind::kUpdated, Key(), owned(a_free), owned(a), {owner_a, ItemKey(Key())}},
      {"waits for its dependents", EventKind::kUpdated, Key(), held, "", {ItemKey(Key())}},
      {"deleted", EventKind::kDeleted, Key(), plain, "", {FanKey(kCluster, "me")}},
      {"deleted, blocked one owner of two",
       EventKind::kDeleted,
       Key(),
       owned(b + R"(,{"apiVersion":"v1","kind":"K","name":"c","uid":"uc"})"),
       "",
       {owner_b, FanKey(kCluster, "me")}},
      {"deleted with its cluster", EventKind::kDeleted, Key("configmaps", kGoing), plain, "", {}},
      {"deleted with a cluster that is gone",
       EventKind::kDeleted,
       Key("configmaps", LogicalClusterId("c3")),
       plain,
       "",
       {}},
      {"deleted in a system cluster",
       EventKind::kDeleted,
       Key("configmaps", LogicalClusterId("system:x")),
       plain,
       "",
       {FanKey(LogicalClusterId("system:x"), "me")}},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    store::Event event;
    event.kind = c.kind;
    event.key = c.key;
    event.value = Stored(c.value);
    if (!c.previous.empty()) event.previous = Stored(c.previous);
    Keys keys;
    CollectorKeysOf(event, clusters, &keys);
    CHECK(keys == c.want);
  }

  for (const auto& [value, wanted] :
       std::vector<std::pair<std::string, bool>>{{plain, false}, {owned(a_free), true}, {held, true}}) {
    Keys keys;
    CollectorKeysOf(Key(), Stored(value), &keys);
    CHECK(keys == (wanted ? Keys{ItemKey(Key())} : Keys{}));
  }
}

TEST_CASE("the collector's keys say all that there is to know", "[controllers]") {
  const std::string store_key = Key();
  auto item = ParseCollectorKey(ItemKey(store_key));
  REQUIRE(item.has_value());
  CHECK(item->store_key == store_key);
  auto fan = ParseCollectorKey(FanKey(kCluster, "u", store_key));
  REQUIRE(fan.has_value());
  CHECK(fan->cluster == kCluster);
  CHECK(fan->owner.uid == "u");
  CHECK(fan->store_key == store_key);
  auto owner = ParseCollectorKey(OwnerKey(kCluster, "", {"g/v1", "K", "n", "u", true}));
  REQUIRE(owner.has_value());
  CHECK(owner->ns.empty());
  CHECK(owner->owner.api_version == "g/v1");
  CHECK(owner->owner.uid == "u");
  // Texts with a NUL name no object.
  CHECK(OwnerKey(kCluster, "", {"v1", "K", std::string("n\0m", 3), "u", true}).empty());
  for (std::string_view bad : {"", "x", "f", "fc1", "oc1"}) CHECK_FALSE(ParseCollectorKey(bad).has_value());
}

}  // namespace
}  // namespace atoll::controllers
