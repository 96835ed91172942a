#include "shard/resources/all.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include <catch2/catch.hpp>

#include "common/base/strings.h"
#include "common/json/parse.h"
#include "common/json/write.h"
#include "common/schema/load.h"
#include "shard/registry/strategy.h"
#include "shard/resources/schemas.h"

namespace atoll::resources {
namespace {

json::Value Strings(const std::vector<std::string>& list) {
  json::Value out = json::Value::MakeArray();
  for (const auto& s : list) out.array().emplace_back(s);
  return out;
}

json::Value Entry(const registry::ResourceDefinition& d) {
  json::Value e = json::Value::MakeObject();
  json::Object& o = e.object();
  if (!d.categories.empty()) o.Set("categories", Strings(d.categories));
  o.Set("kind", d.kind);
  o.Set("name", d.gvr.resource);
  o.Set("namespaced", d.namespaced());
  if (!d.short_names.empty()) o.Set("shortNames", Strings(d.short_names));
  o.Set("singularName", d.singular);
  if (!d.storage_version_hash.empty()) o.Set("storageVersionHash", d.storage_version_hash);
  o.Set("verbs", Strings(d.verbs));
  return e;
}

json::Value SubEntry(const registry::ResourceDefinition& d, const registry::Subresource& s) {
  json::Value e = json::Value::MakeObject();
  json::Object& o = e.object();
  if (!s.kind.kind.empty()) {
    o.Set("group", s.kind.group);
    o.Set("version", s.kind.version);
  }
  o.Set("kind", s.kind.kind.empty() ? d.kind : s.kind.kind);
  o.Set("name", StrCat(d.gvr.resource, "/", s.name));
  o.Set("namespaced", d.namespaced());
  o.Set("singularName", "");
  o.Set("verbs", Strings(s.verbs));
  return e;
}

TEST_CASE("discovery facts are those of the reference") {
  std::ifstream in("shard/resources/testdata/discovery.json");
  std::stringstream text;
  text << in.rdbuf();
  auto golden = json::Parse(text.str());
  REQUIRE(golden.ok());
  std::map<std::string, std::map<std::string, json::Value>> ours;
  for (const auto& d : BuiltinResources()) {
    auto& group = ours[d->gvk().ApiVersion()];
    group[d->gvr.resource] = Entry(*d);
    for (const auto& s : d->subresources) group[StrCat(d->gvr.resource, "/", s.name)] = SubEntry(*d, s);
  }
  CHECK(ours.size() == golden->object().size());
  for (const auto& [group_version, resources] : golden->object()) {
    INFO(group_version);
    CHECK(ours[group_version].size() == resources.array().size());
    for (const auto& expected : resources.array()) {
      CHECK(json::Write(ours[group_version][std::string(expected.StringAt({"name"}))]) != "null");
      INFO(json::Write(expected) << "\n" << json::Write(ours[group_version][std::string(expected.StringAt({"name"}))]));
      CHECK(ours[group_version][std::string(expected.StringAt({"name"}))] == expected);
    }
  }
}

TEST_CASE("every definition is complete") {
  std::set<std::string> seen;
  for (const auto& d : BuiltinResources()) {
    INFO(d->gvk().ApiVersion() << " " << d->gvr.resource);
    CHECK(seen.insert(StrCat(d->gvk().ApiVersion(), "/", d->gvr.resource)).second);
    REQUIRE(d->schema != nullptr);
    REQUIRE(d->strategy != nullptr);
    CHECK(d->schema->Property("metadata") != nullptr);
    CHECK((!d->storable || !d->columns.empty()));
    CHECK(d->storable == (d->storage_version_hash != ""));
    if (d->storable) CHECK(BuiltinSchemas().FindKind({d->gvr.group, d->gvr.version, d->list_kind}) != nullptr);
    for (const auto& c : d->columns) CHECK((c.cell != nullptr) != (!c.json_path.empty()));
    // What an empty object prints must not depend on anything being there.
    for (const auto& c : d->columns) {
      if (c.cell) c.cell(json::Value::MakeObject());
    }
  }
}

TEST_CASE("served by binding only") {
  std::map<std::string, std::string> bound;
  for (const auto& d : BuiltinResources()) {
    if (!d->bound_by_export.empty()) bound[d->gr().ToString()] = d->bound_by_export;
  }
  CHECK(bound == std::map<std::string, std::string>{
                     {"workspaces.tenancy.kcp.io", "tenancy.kcp.io"},
                     {"workspacetypes.tenancy.kcp.io", "tenancy.kcp.io"},
                     {"workspaceauthenticationconfigurations.tenancy.kcp.io", "tenancy.kcp.io"},
                     {"partitions.topology.kcp.io", "topology.kcp.io"},
                     {"partitionsets.topology.kcp.io", "topology.kcp.io"},
                     {"shards.core.kcp.io", "shards.core.kcp.io"},
                 });
}

}  // namespace
}  // namespace atoll::resources
