#include "shard/dynamic/custom_resources.h"

#include <catch2/catch.hpp>

#include "common/api/object.h"
#include "common/base/strings.h"
#include "common/json/parse.h"
#include "shard/dynamic/resolver.h"
#include "shard/registry/clusters.h"
#include "shard/registry/resolver_builtin.h"
#include "shard/resources/all.h"

namespace atoll::dynamic {
namespace {

using Source = CustomResources::Source;
using store::Revision;

const LogicalClusterId kOne("c1"), kTwo("c2");
const api::Gvr kGears{"example.dev", "v1", "gears"};

// A definition as the store has it; `schema` of its one version.
json::Value Definition(std::string_view plural, std::string_view schema = R"({"type":"object"})",
                       bool accepted = true) {
  auto crd = json::Parse(StrCat(R"({"metadata":{"name":")", plural,
                                R"(.example.dev"},"spec":{"group":"example.dev","scope":"Namespaced","names":)",
                                R"({"plural":")", plural, R"(","kind":"K)", plural,
                                R"("},"versions":[{"name":"v1","served":true,"storage":true,)",
                                R"("schema":{"openAPIV3Schema":)", schema, "}}]}}"));
  REQUIRE(crd.ok());
  if (accepted) {
    crd->Ensure({"status", "acceptedNames"}) = *crd->At({"spec", "names"});
    crd->Ensure({"status", "conditions"}) =
        json::Array{json::Value(json::Object{{"type", "NamesAccepted"}, {"status", "True"}})};
  }
  return *std::move(crd);
}

TEST_CASE("what is equal is compiled once and shared", "[dynamic]") {
  CustomResources table;
  REQUIRE(table.Put(kOne, Definition("gears"), Revision{1}, Source::kStored).ok());
  REQUIRE(table.Put(kTwo, Definition("gears"), Revision{2}, Source::kStored).ok());
  CHECK(table.Find(kOne, kGears) != nullptr);
  CHECK(table.Find(kOne, kGears) == table.Find(kTwo, kGears));
  auto builtin = std::make_shared<const registry::Resolver::Set>();
  CHECK(table.All(kOne, builtin) == table.All(kTwo, builtin));
  CHECK(table.stats().definitions == 1);
  // Another content is another resource, and the old one goes with its last user.
  std::weak_ptr<const registry::ResourceDefinition> first = table.Find(kOne, kGears);
  const char* other = R"({"type":"object","properties":{"a":{"type":"string"}}})";
  REQUIRE(table.Put(kOne, Definition("gears", other), Revision{3}, Source::kStored).ok());
  CHECK(table.Find(kOne, kGears) != table.Find(kTwo, kGears));
  CHECK(table.stats().definitions == 2);
  CHECK_FALSE(first.expired());
  table.Erase(kTwo, "gears.example.dev", Revision{4});
  CHECK(table.Find(kTwo, kGears) == nullptr);
  CHECK(first.expired());
  CHECK(table.stats().definitions == 1);
}

TEST_CASE("what was announced is not taken back by what the log said before", "[dynamic]") {
  CustomResources table;
  // The controller read the definition as it was made, at 5, and is about to accept its names.
  REQUIRE(table.Put(kOne, Definition("gears"), Revision{5}, Source::kAnnounced).ok());
  REQUIRE(table.Put(kOne, Definition("gears", R"({"type":"object"})", /*accepted=*/false), Revision{5}, Source::kStored)
              .ok());
  CHECK(table.Find(kOne, kGears) != nullptr);
  // What is newer counts.
  REQUIRE(table.Put(kOne, Definition("gears", R"({"type":"object"})", /*accepted=*/false), Revision{6}, Source::kStored)
              .ok());
  CHECK(table.Find(kOne, kGears) == nullptr);
}

TEST_CASE("watchers hear of a resource that is served otherwise, not of a new one", "[dynamic]") {
  CustomResources table;
  std::vector<std::string> heard;
  table.SetOnChange([&](const LogicalClusterId& cluster, const api::GroupResource& resource) {
    heard.push_back(StrCat(cluster.name(), " ", resource.ToString()));
  });
  REQUIRE(table.Put(kOne, Definition("gears"), Revision{1}, Source::kStored).ok());
  REQUIRE(table.Put(kOne, Definition("gears"), Revision{2}, Source::kStored).ok());
  CHECK(heard.empty());
  json::Value going = Definition("gears");
  going.Ensure({"metadata", "deletionTimestamp"}) = "2026-01-01T00:00:00Z";
  REQUIRE(table.Put(kOne, going, Revision{3}, Source::kStored).ok());
  CHECK(table.Find(kOne, kGears)->terminating);
  table.Erase(kOne, "gears.example.dev", Revision{4});
  CHECK(heard == std::vector<std::string>{"c1 gears.example.dev", "c1 gears.example.dev"});
}

TEST_CASE("after a state was read anew only what it had is served", "[dynamic]") {
  CustomResources table;
  REQUIRE(table.Put(kOne, Definition("gears"), Revision{1}, Source::kStored).ok());
  REQUIRE(table.Put(kOne, Definition("wheels"), Revision{2}, Source::kStored).ok());
  table.Retain(kOne, {"wheels.example.dev"});
  CHECK(table.Find(kOne, kGears) == nullptr);
  CHECK(table.Find(kOne, {"example.dev", "v1", "wheels"}) != nullptr);
  CHECK(table.Stored(kOne).size() == 1);
}

TEST_CASE("what is built in comes first, and a cluster sees its own only", "[dynamic]") {
  registry::Clusters clusters;
  const registry::BuiltinResolver builtin(resources::BuiltinResources(), &clusters);
  CustomResources table;
  const CustomResolver resolver(&builtin, &table);
  const registry::ClusterScope one{kOne, false}, two{kTwo, false};
  REQUIRE(table.Put(kOne, Definition("gears"), Revision{1}, Source::kStored).ok());
  CHECK(resolver.Find(one, {"", "v1", "configmaps"}) == builtin.Find(one, {"", "v1", "configmaps"}));
  CHECK(resolver.Find(one, kGears) != nullptr);
  CHECK(resolver.Find(two, kGears) == nullptr);
  CHECK(resolver.All(two) == builtin.All(two));
  CHECK(resolver.All(one)->back()->gvr == kGears);
  CHECK(resolver.Stored(one).size() == builtin.Stored(one).size() + 1);
  // Across all clusters objects are given as they lie there: each cluster has a schema of its own.
  const auto anywhere = resolver.Find({{}, true}, kGears);
  REQUIRE(anywhere != nullptr);
  CHECK(anywhere->schema == nullptr);
  CHECK(anywhere->shape == 0);
  CHECK(anywhere->metadata_only);
}

TEST_CASE("versions of a definition", "[dynamic]") {
  json::Value crd = Definition("gears");
  json::Array& versions = crd.At({"spec", "versions"})->array();
  json::Value old = versions[0];
  old.Ensure({"name"}) = "v1beta1";
  old.Ensure({"storage"}) = false;
  old.Ensure({"deprecated"}) = true;
  json::Value hidden = old;
  hidden.Ensure({"name"}) = "v1alpha1";
  hidden.Ensure({"served"}) = false;
  versions.insert(versions.begin(), old);
  versions.push_back(hidden);
  const auto compiled = Compile(crd, "x");
  REQUIRE(compiled.ok());
  REQUIRE((*compiled)->served.size() == 2);
  CHECK((*compiled)->served[0]->gvr.version == "v1");
  CHECK((*compiled)->served[1]->deprecation_warning ==
        "example.dev/v1beta1 Kgears is deprecated; use example.dev/v1 Kgears");
  CHECK((*compiled)->stored->gvr.version == "v1");
}

}  // namespace
}  // namespace atoll::dynamic
