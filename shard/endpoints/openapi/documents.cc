#include "shard/endpoints/openapi/documents.h"

#include <algorithm>
#include <set>

#include "common/base/check.h"
#include "common/base/strings.h"
#include "common/json/write.h"
#include "shard/endpoints/openapi/paths.h"
#include "shard/endpoints/text.h"

namespace atoll::endpoints {
namespace {

using json::Array;
using json::Object;
using json::Value;
using registry::ResourceDefinition;

Object String(const char* description) {
  Object o;
  o.Append("description", Value(description));
  o.Append("type", Value("string"));
  return o;
}

Value Kinds(const api::Gvk& gvk) {
  Object kind;
  kind.Append("group", Value(gvk.group));
  kind.Append("kind", Value(gvk.kind));
  kind.Append("version", Value(gvk.version));
  return Value(std::move(kind));
}

// To a definition, perhaps with words of its own beside it.
bool IsReference(const Value& schema) { return schema.Find("$ref") != nullptr || schema.Find("allOf") != nullptr; }

class Builder {
 public:
  Builder(OpenApiVersion version, const schema::Definitions& definitions)
      : version_(version), definitions_(definitions) {}

  void Add(const ResourceDefinition& d) {
    AddSchemas(d);
    AddGroupVersionPath(version_, d, &paths_);
    AddPaths(version_, d, SchemaName(d), &paths_);
  }

  // Everything referenced so far, and what that refers to.
  Value TakeSchemas() {
    // What operations refer to that no resource has.
    for (const char* name : kMetaDefinitions) {
      const std::string full = MetaDefinition(name);
      schema::SchemaPtr found = definitions_.Find(full);
      CHECK(found != nullptr);
      references_.emplace(full, found.get());  // the definitions outlive the builder
    }
    for (bool grown = true; grown;) {
      grown = false;
      References pending;
      pending.swap(references_);
      for (const auto& [name, schema] : pending) {
        if (schemas_.contains(name)) continue;
        schemas_.emplace(name, SchemaObject(version_, *schema, /*definition=*/true, &references_));
        grown = true;
      }
    }
    Object out;
    for (auto& [name, schema] : schemas_) out.Append(name, std::move(schema));
    return Value(std::move(out));
  }
  Value TakePaths() {
    Object out;
    for (auto& [path, item] : paths_) out.Append(path, Value(std::move(item)));
    return Value(std::move(out));
  }

 private:
  Value Ref(std::string_view name) const { return Reference(version_, name); }

  void AddSchemas(const ResourceDefinition& d) {
    const std::string name = SchemaName(d);
    if (schemas_.contains(name)) return;
    Value object = d.schema == nullptr ? Value::MakeObject()
                                       : SchemaObject(version_, *d.schema, /*definition=*/true, &references_);
    Object& o = object.object();
    o.Set("type", Value("object"));
    // A custom resource's schema has only what its author wrote.
    Value& properties = o["properties"];
    if (!properties.is_object()) properties = Value::MakeObject();
    Object& p = properties.object();
    if (p.Find("apiVersion") == nullptr)
      p.Append("apiVersion", Value(String("Version of this representation of the object.")));
    if (p.Find("kind") == nullptr) p.Append("kind", Value(String("What the object is.")));
    if (Value* metadata = p.Find("metadata"); metadata == nullptr || !IsReference(*metadata))
      p.Set("metadata", Described("ObjectMeta", "What every object says about itself."));
    Array kinds;
    kinds.push_back(Kinds(d.gvk()));
    o.Set("x-kubernetes-group-version-kind", Value(std::move(kinds)));
    schemas_.emplace(name, std::move(object));
    if (d.storable) AddListSchema(d, name);
    for (const auto& sub : d.subresources) {
      if (sub.schema != nullptr && !sub.schema->name.empty()) references_.emplace(sub.schema->name, sub.schema.get());
    }
  }

  // In v3 words beside a reference need a schema around it.
  Value Described(const char* definition, const char* description) const {
    Value reference = Ref(MetaDefinition(definition));
    if (version_ == OpenApiVersion::kV2) return reference;
    Array all;
    all.push_back(std::move(reference));
    return Value(Object{{"description", description}, {"allOf", Value(std::move(all))}});
  }

  void AddListSchema(const ResourceDefinition& d, const std::string& item) {
    const std::string name = Cat(item, "List");
    if (schema::SchemaPtr written = definitions_.Find(name); written != nullptr) {
      references_.emplace(name, written.get());
      return;
    }
    Object items;
    items.Append("description", Value(Cat("The objects.")));
    items.Append("type", Value("array"));
    items.Append("items", Ref(item));
    Object properties;
    properties.Append("apiVersion", Value(String("Version of this representation of the list.")));
    properties.Append("items", Value(std::move(items)));
    properties.Append("kind", Value(String("What the list is.")));
    properties.Append("metadata", Described("ListMeta", "What every list says about itself."));
    Object o;
    o.Append("description", Value(Cat("A list of ", d.kind, " objects.")));
    o.Append("type", Value("object"));
    Array required;
    required.emplace_back("items");
    o.Append("required", Value(std::move(required)));
    o.Append("properties", Value(std::move(properties)));
    Array kinds;
    kinds.push_back(Kinds({d.gvr.group, d.gvr.version, d.list_kind}));
    o.Append("x-kubernetes-group-version-kind", Value(std::move(kinds)));
    schemas_.emplace(name, Value(std::move(o)));
  }

  OpenApiVersion version_;
  const schema::Definitions& definitions_;
  References references_;
  std::map<std::string, Value> schemas_;
  Paths paths_;
};

Value Info() {
  Object info;
  info.Append("title", Value("Atoll"));
  info.Append("version", Value("v1.36.0"));
  return Value(std::move(info));
}

}  // namespace

std::string SchemaName(const ResourceDefinition& d) {
  if (d.schema != nullptr && !d.schema->name.empty()) return d.schema->name;
  auto parts = Split(d.gvr.group, '.');
  std::reverse(parts.begin(), parts.end());
  return Cat(StrJoin(parts, "."), ".", d.gvr.version, ".", d.kind);
}

std::vector<std::string> GroupVersionPaths(const registry::Resolver::Set& set) {
  std::vector<std::string> paths;
  std::set<std::string> seen;
  for (const auto& d : set) {
    std::string path = GroupVersionPath(*d);
    if (seen.insert(path).second) paths.push_back(std::move(path));
  }
  return paths;
}

std::string BuildOpenApiV3(const schema::Definitions& definitions, const registry::Resolver::Set& set,
                           std::string_view group_version_path) {
  Builder builder(OpenApiVersion::kV3, definitions);
  for (const auto& d : set) {
    if (GroupVersionPath(*d) == group_version_path) builder.Add(*d);
  }
  Object components;
  components.Append("schemas", builder.TakeSchemas());
  Object o;
  o.Append("openapi", Value("3.0.0"));
  o.Append("info", Info());
  o.Append("paths", builder.TakePaths());
  o.Append("components", Value(std::move(components)));
  return json::Write(Value(std::move(o)));
}

json::Value BuildOpenApiV2(const schema::Definitions& definitions, const registry::Resolver::Set& set) {
  Builder builder(OpenApiVersion::kV2, definitions);
  for (const auto& d : set) builder.Add(*d);
  Object o;
  o.Append("swagger", Value("2.0"));
  o.Append("info", Info());
  o.Append("paths", builder.TakePaths());
  o.Append("definitions", builder.TakeSchemas());
  return Value(std::move(o));
}

}  // namespace atoll::endpoints
