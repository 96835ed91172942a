#include "shard/endpoints/discovery/documents.h"

#include <vector>

#include "common/base/strings.h"
#include "common/json/value.h"
#include "common/json/write.h"
#include "shard/endpoints/discovery/etag.h"

namespace atoll::endpoints {
namespace {

using json::Array;
using json::Object;
using json::Value;
using registry::ResourceDefinition;

struct Version {
  std::string version;
  std::vector<const ResourceDefinition*> resources;
};
struct Group {
  std::string name;
  std::vector<Version> versions;
};

// The set's own order, cut where group and version change.
std::vector<Group> GroupUp(const registry::Resolver::Set& set) {
  std::vector<Group> groups;
  for (const auto& definition : set) {
    Group* group = nullptr;
    for (Group& g : groups) {
      if (g.name == definition->gvr.group) group = &g;
    }
    if (group == nullptr) group = &groups.emplace_back(Group{definition->gvr.group, {}});
    Version* version = nullptr;
    for (Version& v : group->versions) {
      if (v.version == definition->gvr.version) version = &v;
    }
    if (version == nullptr) version = &group->versions.emplace_back(Version{definition->gvr.version, {}});
    version->resources.push_back(definition.get());
  }
  return groups;
}

std::string GroupVersion(std::string_view group, std::string_view version) {
  return group.empty() ? std::string(version) : Cat(group, "/", version);
}

Value Strings(const std::vector<std::string>& words) {
  Array array;
  for (const std::string& w : words) array.emplace_back(w);
  return Value(std::move(array));
}

Value ServerAddresses(std::string_view address) {
  Object entry;
  entry.Append("clientCIDR", Value("0.0.0.0/0"));
  entry.Append("serverAddress", Value(address));
  Array array;
  array.emplace_back(std::move(entry));
  return Value(std::move(array));
}

Value ForDiscovery(const Group& group, const Version& version) {
  Object o;
  o.Append("groupVersion", Value(GroupVersion(group.name, version.version)));
  o.Append("version", Value(version.version));
  return Value(std::move(o));
}

void AppendGroupMembers(const Group& group, Object* o) {
  o->Append("name", Value(group.name));
  Array versions;
  for (const Version& v : group.versions) versions.push_back(ForDiscovery(group, v));
  o->Append("versions", Value(std::move(versions)));
  o->Append("preferredVersion", ForDiscovery(group, group.versions.front()));
}

Object ResourceHead(std::string name, std::string_view singular, const ResourceDefinition& d, const api::Gvk& kind) {
  Object o;
  o.Append("name", Value(std::move(name)));
  o.Append("singularName", Value(singular));
  o.Append("namespaced", Value(d.namespaced()));
  if (kind.group != d.gvr.group || kind.version != d.gvr.version) {
    if (!kind.group.empty()) o.Append("group", Value(kind.group));
    o.Append("version", Value(kind.version));
  }
  o.Append("kind", Value(kind.kind));
  return o;
}

api::Gvk KindOf(const ResourceDefinition& d, const registry::Subresource& sub) {
  return sub.kind.kind.empty() ? d.gvk() : sub.kind;
}

std::string ResourceList(const Group& group, const Version& version) {
  Array resources;
  for (const ResourceDefinition* d : version.resources) {
    Object o = ResourceHead(d->gvr.resource, d->singular, *d, d->gvk());
    o.Append("verbs", Strings(d->verbs));
    if (!d->short_names.empty()) o.Append("shortNames", Strings(d->short_names));
    if (!d->categories.empty()) o.Append("categories", Strings(d->categories));
    if (!d->storage_version_hash.empty()) o.Append("storageVersionHash", Value(d->storage_version_hash));
    resources.emplace_back(std::move(o));
    for (const registry::Subresource& sub : d->subresources) {
      Object s = ResourceHead(Cat(d->gvr.resource, "/", sub.name), "", *d, KindOf(*d, sub));
      s.Append("verbs", sub.verbs.empty() ? Value() : Strings(sub.verbs));
      resources.emplace_back(std::move(s));
    }
  }
  Object list;
  list.Append("kind", Value("APIResourceList"));
  if (!group.name.empty()) list.Append("apiVersion", Value("v1"));
  list.Append("groupVersion", Value(GroupVersion(group.name, version.version)));
  list.Append("resources", Value(std::move(resources)));
  return json::Write(Value(std::move(list)));
}

// Compiled-in types leave group and version empty where they are the list's own, as the reference does; readers fill
// them in.
Value ResponseKind(const ResourceDefinition& d, const api::Gvk& kind) {
  const bool own = d.flavor == registry::Flavor::kTyped && kind.group == d.gvr.group && kind.version == d.gvr.version;
  Object o;
  o.Append("group", Value(own ? "" : kind.group));
  o.Append("version", Value(own ? "" : kind.version));
  o.Append("kind", Value(kind.kind));
  return Value(std::move(o));
}

Value AggregatedResource(const ResourceDefinition& d) {
  Object o;
  o.Append("resource", Value(d.gvr.resource));
  o.Append("responseKind", ResponseKind(d, d.gvk()));
  o.Append("scope", Value(d.namespaced() ? "Namespaced" : "Cluster"));
  o.Append("singularResource", Value(d.singular));
  o.Append("verbs", Strings(d.verbs));
  if (!d.short_names.empty()) o.Append("shortNames", Strings(d.short_names));
  if (!d.categories.empty()) o.Append("categories", Strings(d.categories));
  if (!d.subresources.empty()) {
    Array subresources;
    for (const registry::Subresource& sub : d.subresources) {
      Object s;
      s.Append("subresource", Value(sub.name));
      s.Append("responseKind", ResponseKind(d, KindOf(d, sub)));
      s.Append("verbs", Strings(sub.verbs));
      subresources.emplace_back(std::move(s));
    }
    o.Append("subresources", Value(std::move(subresources)));
  }
  return Value(std::move(o));
}

std::string Aggregated(const std::vector<Group>& groups, bool core) {
  Array items;
  for (const Group& group : groups) {
    if (group.name.empty() != core) continue;
    Array versions;
    for (const Version& version : group.versions) {
      Array resources;
      for (const ResourceDefinition* d : version.resources) resources.push_back(AggregatedResource(*d));
      Object v;
      v.Append("version", Value(version.version));
      v.Append("resources", Value(std::move(resources)));
      v.Append("freshness", Value("Current"));
      versions.emplace_back(std::move(v));
    }
    Object metadata;
    if (!core) metadata.Append("name", Value(group.name));
    Object item;
    item.Append("metadata", Value(std::move(metadata)));
    item.Append("versions", Value(std::move(versions)));
    items.emplace_back(std::move(item));
  }
  Object list;
  list.Append("kind", Value("APIGroupDiscoveryList"));
  list.Append("apiVersion", Value("apidiscovery.k8s.io/v2"));
  list.Append("metadata", Value::MakeObject());
  list.Append("items", Value(std::move(items)));
  return json::Write(Value(std::move(list)));
}

}  // namespace

DiscoveryDocuments BuildDiscovery(const registry::Resolver::Set& set, std::string_view server_address) {
  const std::vector<Group> groups = GroupUp(set);
  DiscoveryDocuments docs;
  Array core_versions, group_list;
  for (const Group& group : groups) {
    for (const Version& version : group.versions) {
      docs.resources[GroupVersion(group.name, version.version)] = ResourceList(group, version);
      if (group.name.empty()) core_versions.emplace_back(version.version);
    }
    if (group.name.empty()) continue;
    Object alone;
    alone.Append("kind", Value("APIGroup"));
    alone.Append("apiVersion", Value("v1"));
    AppendGroupMembers(group, &alone);
    docs.group[group.name] = json::Write(Value(std::move(alone)));
    Object listed;
    AppendGroupMembers(group, &listed);
    // Groups of custom resources are listed without addresses.
    if (group.versions.front().resources.front()->flavor == registry::Flavor::kTyped) {
      listed.Append("serverAddressByClientCIDRs", ServerAddresses(server_address));
    }
    group_list.emplace_back(std::move(listed));
  }
  if (core_versions.empty()) core_versions.emplace_back("v1");  // named also where it has no resources
  Object core;
  core.Append("kind", Value("APIVersions"));
  core.Append("versions", Value(std::move(core_versions)));
  core.Append("serverAddressByClientCIDRs", ServerAddresses(server_address));
  docs.core_versions = json::Write(Value(std::move(core)));
  Object list;
  list.Append("kind", Value("APIGroupList"));
  list.Append("apiVersion", Value("v1"));
  list.Append("groups", Value(std::move(group_list)));
  docs.groups = json::Write(Value(std::move(list)));
  docs.aggregated_core = Aggregated(groups, /*core=*/true);
  docs.aggregated_groups = Aggregated(groups, /*core=*/false);
  docs.aggregated_core_hash = HashOf(docs.aggregated_core);
  docs.aggregated_groups_hash = HashOf(docs.aggregated_groups);
  return docs;
}

std::string EmptyResourceList(std::string_view group_version) {
  std::string out = "{\"kind\":\"APIResourceList\",\"apiVersion\":\"v1\",\"groupVersion\":";
  json::AppendQuoted(&out, group_version);
  return out + ",\"resources\":[]}";
}

}  // namespace atoll::endpoints
