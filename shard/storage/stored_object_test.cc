#include "shard/storage/stored_object.h"

#include <catch2/catch.hpp>

#include "common/json/parse.h"
#include "common/schema/load.h"
#include "common/schema/schema.h"
#include "shard/storage/json_scan.h"

namespace atoll::storage {
namespace {

using registry::Flavor;
using registry::ResourceDefinition;

ResourceDefinition Definition(Flavor flavor) {
  ResourceDefinition d;
  d.gvr = {"example.dev", "v1", "widgets"};
  d.kind = "Widget";
  d.flavor = flavor;
  auto schema = std::make_shared<schema::Schema>();
  schema->type = schema::Type::kObject;
  auto leaf = std::make_shared<schema::Schema>();
  auto map = std::make_shared<schema::Schema>();
  map->type = schema::Type::kObject;
  map->additional_properties = leaf;
  schema->properties = {{"kind", leaf}, {"apiVersion", leaf}, {"metadata", leaf}, {"zeta", map}, {"alpha", leaf}};
  d.schema = schema;
  return d;
}

json::Value Json(std::string_view text) { return *json::Parse(text); }

TEST_CASE("keys decode to what they encode and sort by cluster, namespace, name") {
  const ResourceKey key{{"example.dev", "widgets"}, "id", LogicalClusterId("root"), "default", "a"};
  auto decoded = DecodeKey(EncodeKey(key));
  REQUIRE(decoded.ok());
  CHECK(decoded->resource == key.resource);
  CHECK(decoded->identity == "id");
  CHECK(decoded->cluster == key.cluster);
  CHECK(decoded->ns == "default");
  CHECK(decoded->name == "a");
  CHECK(EncodeKey(key).starts_with(NamespaceScope(key.resource, "id", key.cluster, "default")));
  CHECK(NamespaceScope(key.resource, "id", key.cluster, "default")
            .starts_with(ClusterScopeKey(key.resource, "id", key.cluster)));
  CHECK(ClusterScopeKey(key.resource, "id", key.cluster).starts_with(ResourceScope(key.resource, "id")));
  CHECK(DecodeKey(EncodeKey({{"", "configmaps"}, "", LogicalClusterId("root"), "", "x"}))->resource.group == "");
  CHECK_FALSE(DecodeKey("nonsense").ok());
}

TEST_CASE("objects are written in Kubernetes' order and read with their version") {
  const json::Value object = Json(
      R"({"alpha":1,"zeta":{"b":"2","a":"1"},"metadata":{"resourceVersion":"9","labels":{"z":"1","a":"2"},"finalizers":[],"uid":"u",)"
      R"("generation":1,"name":"n","annotations":{"x":"y"}},"apiVersion":"wrong","kind":"wrong"})");
  struct Row {
    Flavor flavor;
    const char* whole;
    const char* item;
  };
  for (
      const Row& row : {
          Row{Flavor::kTyped,
              R"({"kind":"Widget","apiVersion":"example.dev/v1","metadata":{"name":"n","uid":"u","resourceVersion":"7","generation":1,)"
              R"("labels":{"a":"2","z":"1"},"annotations":{"kcp.io/cluster":"root","x":"y"}},"zeta":{"a":"1","b":"2"},"alpha":1})",
              R"({"metadata":{"name":"n","uid":"u","resourceVersion":"7","generation":1,)"
              R"("labels":{"a":"2","z":"1"},"annotations":{"kcp.io/cluster":"root","x":"y"}},"zeta":{"a":"1","b":"2"},"alpha":1})"},
          Row{Flavor::kCustom,
              R"({"alpha":1,"apiVersion":"example.dev/v1","kind":"Widget","metadata":{"annotations":{"kcp.io/cluster":"root","x":"y"},)"
              R"("generation":1,"labels":{"a":"2","z":"1"},"name":"n","resourceVersion":"7","uid":"u"},"zeta":{"a":"1","b":"2"}})",
              R"({"alpha":1,"apiVersion":"example.dev/v1","kind":"Widget","metadata":{"annotations":{"kcp.io/cluster":"root","x":"y"},)"
              R"("generation":1,"labels":{"a":"2","z":"1"},"name":"n","resourceVersion":"7","uid":"u"},"zeta":{"a":"1","b":"2"}})"},
      }) {
    const StoredObject stored(EncodeObject(Definition(row.flavor), RootCluster(), object), store::Revision{7});
    CHECK(stored.Json() == row.whole);
    std::string item;
    stored.AppendJson(&item, true);
    CHECK(item == row.item);
    CHECK(stored.Decode()->StringAt({"metadata", "resourceVersion"}) == "7");
  }
}

TEST_CASE("the version is spliced in wherever metadata ends") {
  ResourceDefinition d = Definition(Flavor::kTyped);
  CHECK(StoredObject(EncodeObject(d, {}, Json(R"({"metadata":{"name":"n"}})")), store::Revision{3}).Json() ==
        R"({"kind":"Widget","apiVersion":"example.dev/v1","metadata":{"name":"n","resourceVersion":"3"}})");
  CHECK(StoredObject(EncodeObject(d, {}, Json("{}")), store::Revision{3}).Json() ==
        R"({"kind":"Widget","apiVersion":"example.dev/v1","metadata":{"resourceVersion":"3"}})");
  CHECK(StoredObject(EncodeObject(d, {}, Json(R"({"metadata":{"name":"n"}})")), {}).Json() ==
        R"({"kind":"Widget","apiVersion":"example.dev/v1","metadata":{"name":"n"}})");
}

TEST_CASE("an object of another version differs in apiVersion only") {
  for (Flavor flavor : {Flavor::kTyped, Flavor::kCustom}) {
    ResourceDefinition v1 = Definition(flavor), v2 = Definition(flavor);
    v2.gvr.version = "v2beta1";
    const json::Value object = Json(R"({"metadata":{"name":"n","uid":"u"},"alpha":1})");
    const std::string bytes = EncodeObject(v1, RootCluster(), object);
    CHECK(StoredObject::InVersion(v1, bytes, {5}).value() == bytes);
    CHECK(StoredObject::InVersion(v2, bytes, {5}).value() == EncodeObject(v2, RootCluster(), object));
  }
}

TEST_CASE("what another schema stored is pruned and defaulted when it is read") {
  const auto with = [](const char* schema, uint64_t shape) {
    ResourceDefinition d = Definition(Flavor::kCustom);
    auto loaded = schema::LoadSchema(Json(schema));
    REQUIRE(loaded.ok());
    d.schema = *loaded;
    d.shape = shape;
    return d;
  };
  const ResourceDefinition then =
      with(R"({"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}}})", 7);
  const ResourceDefinition now =
      with(R"({"type":"object","properties":{"a":{"type":"string"},"c":{"type":"integer","default":1}}})", 8);
  ResourceDefinition plain = Definition(Flavor::kCustom);
  plain.schema = nullptr;
  const json::Value object = Json(R"({"metadata":{"name":"x","labels":{"l":"1"}},"a":"1","b":"2"})");
  const std::string stored = EncodeObject(then, {}, object);
  CHECK(HasShapeOf(then, stored));
  CHECK_FALSE(HasShapeOf(now, stored));
  CHECK(HasShapeOf(plain, stored));
  const auto read = [](const ResourceDefinition& d, const std::string& value) {
    return std::string(StoredObject::InVersion(d, value, {}).RawJson());
  };
  const std::string head = R"({"a":"1",)", tail = R"("kind":"Widget","metadata":{"labels":{"l":"1"},"name":"x"}})";
  CHECK(read(then, stored) == head + R"("apiVersion":"example.dev/v1","b":"2",)" + tail);
  CHECK(read(now, stored) == head + R"("apiVersion":"example.dev/v1","c":1,)" + tail);
  CHECK(read(plain, stored) == read(then, stored));
  CHECK(StoredObject::RawLabelsOf(stored) == R"({"l":"1"})");
  // Bytes from before objects had a shape.
  CHECK(read(now, EncodeObject(plain, {}, object)) == read(now, stored));
}

TEST_CASE("labels are found without parsing, wherever they lie") {
  ResourceDefinition v1 = Definition(Flavor::kTyped), v2 = v1;
  v2.gvr.version = "v2beta1";
  for (Flavor flavor : {Flavor::kTyped, Flavor::kCustom}) {
    const auto encode = [&](std::string_view text) {
      return EncodeObject(Definition(flavor), RootCluster(), Json(text));
    };
    const std::string with =
        encode(R"({"alpha":{"labels":{"no":"no"}},"metadata":{"name":"n","labels":{"a":"1","b":""}}})");
    CHECK(StoredObject::RawLabelsOf(with) == R"({"a":"1","b":""})");
    CHECK(StoredObject::RawLabelsOf(StoredObject::InVersion(v2, with, {5}).value()) == R"({"a":"1","b":""})");
    CHECK(StoredObject::RawLabelsOf(encode(R"({"labels":{"no":"no"},"metadata":{"name":"n"}})")).empty());
    CHECK(StoredObject::RawLabelsOf(encode(R"({"metadata":{"name":"n","labels":{}}})")).empty());
  }
  CHECK(StoredObject::RawLabelsOf("").empty());
}

TEST_CASE("the format without the labels' place is still read") {
  const std::string json =
      R"({"kind":"Widget","apiVersion":"example.dev/v1","metadata":{"name":"n","labels":{"a":"1"}}})";
  const std::string old = std::string("\x01") + static_cast<char>(json.find("\"metadata\"")) +
                          static_cast<char>(json.find("\"labels\"")) + json;
  const StoredObject stored(old, {3});
  CHECK(stored.Decode()->StringAt({"metadata", "resourceVersion"}) == "3");
  CHECK(StoredObject::RawLabelsOf(old) == R"({"a":"1"})");
}

TEST_CASE("bytes that are no stored object are an error, not a crash") {
  for (std::string bytes : {"", "\x01", "\x02{}", "\x01\x7f\x7f{}", "\x02\x01\x02\x7f{}", "\x03\x01\x02\x01{}", "{}"}) {
    const StoredObject stored(bytes, {1});
    CHECK_FALSE(stored.Decode().ok());
    CHECK(stored.Json().empty());
  }
}

TEST_CASE("members are found without parsing") {
  const std::string_view json = R"({"a":"x\"}","b":{"c":[1,{"d":"]"}],"e":true},"f":12})";
  CHECK(FindMember(json, "a") == R"("x\"}")");
  CHECK(FindMember(json, "b") == R"({"c":[1,{"d":"]"}],"e":true})");
  CHECK(FindMember(*FindMember(json, "b"), "e") == "true");
  CHECK(FindMember(json, "f") == "12");
  CHECK(FindPath(json, {"b", "e"}) == "true");
  CHECK_FALSE(FindPath(json, {"b", "f"}).has_value());
  CHECK_FALSE(FindPath(json, {"a", "b"}).has_value());
  CHECK_FALSE(FindMember(json, "d").has_value());
  for (std::string_view broken : {"", "[", "{", R"({"a)", R"({"a":)", R"({"a":{)", R"({"a"1})"})
    CHECK_FALSE(FindMember(broken, "z").has_value());
}

}  // namespace
}  // namespace atoll::storage
