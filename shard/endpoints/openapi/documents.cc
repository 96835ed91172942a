#include "shard/endpoints/openapi/documents.h"

#include <algorithm>
#include <set>

#include "common/base/strings.h"
#include "common/json/parse.h"
#include "common/json/write.h"
#include "shard/endpoints/text.h"

namespace atoll::endpoints {
namespace {

using json::Array;
using json::Object;
using json::Value;
using registry::ResourceDefinition;

constexpr std::string_view kMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.";
constexpr std::string_view kObjectMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";
constexpr std::string_view kListMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta";

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

// ObjectMeta as some compiled-in type has it; null when none is served.
const schema::Schema* FindObjectMeta(const registry::Resolver::Set& set) {
  for (const auto& d : set) {
    if (d->schema == nullptr) continue;
    const schema::Schema* metadata = d->schema->Property("metadata");
    if (metadata != nullptr && metadata->name == kObjectMeta) return metadata;
  }
  return nullptr;
}

// Parameters of the operations, by what they are for.
struct Parameter {
  const char* name;
  const char* type;
  const char* description;
};
constexpr Parameter kListParameters[] = {
    {"allowWatchBookmarks", "boolean", "Ask for BOOKMARK events in a watch."},
    {"continue", "string", "The token of the next page, from the metadata of the page before."},
    {"fieldSelector", "string", "Only objects whose fields match."},
    {"labelSelector", "string", "Only objects whose labels match."},
    {"limit", "integer", "At most this many objects a page."},
    {"resourceVersion", "string", "What the answer must be based on."},
    {"resourceVersionMatch", "string", "How resourceVersion is meant: Exact or NotOlderThan."},
    {"sendInitialEvents", "boolean", "Begin a watch with the present objects and a bookmark behind them."},
    {"timeoutSeconds", "integer", "End the call after this time."},
    {"watch", "boolean", "Stream changes instead of listing."},
};
constexpr Parameter kWriteParameters[] = {
    {"dryRun", "string", "All: check and answer, store nothing."},
    {"fieldManager", "string", "Who makes the change, for metadata.managedFields."},
    {"fieldValidation", "string", "What to do about unknown and repeated fields: Ignore, Warn or Strict."},
};
constexpr Parameter kForce = {"force", "boolean", "Take over fields that other managers own. Server-side apply only."};
constexpr Parameter kDeleteParameters[] = {
    {"dryRun", "string", "All: check and answer, delete nothing."},
    {"gracePeriodSeconds", "integer", "Accepted and ignored."},
    {"orphanDependents", "boolean", "Deprecated: use propagationPolicy."},
    {"propagationPolicy", "string", "What becomes of dependents: Orphan, Background or Foreground."},
};

class Builder {
 public:
  Builder(OpenApiVersion version, const registry::Resolver::Set& set)
      : version_(version), object_meta_(FindObjectMeta(set)) {}

  void Add(const ResourceDefinition& d) {
    AddSchemas(d);
    AddPaths(d);
  }

  // Everything referenced so far, and what that refers to.
  Value TakeSchemas() {
    AddMetaSchemas();
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
  bool v3() const { return version_ == OpenApiVersion::kV3; }
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
    if (Value* metadata = p.Find("metadata"); metadata == nullptr || metadata->Find("$ref") == nullptr)
      p.Set("metadata", Ref(kObjectMeta));
    Array kinds;
    kinds.push_back(Kinds(d.gvk()));
    o.Set("x-kubernetes-group-version-kind", Value(std::move(kinds)));
    schemas_.emplace(name, std::move(object));
    if (d.storable) AddListSchema(d, name);
    for (const auto& sub : d.subresources) {
      if (sub.schema != nullptr && !sub.schema->name.empty()) references_.emplace(sub.schema->name, sub.schema.get());
    }
  }

  void AddListSchema(const ResourceDefinition& d, const std::string& item) {
    Object items;
    items.Append("description", Value(Cat("The objects.")));
    items.Append("type", Value("array"));
    items.Append("items", Ref(item));
    Object properties;
    properties.Append("apiVersion", Value(String("Version of this representation of the list.")));
    properties.Append("items", Value(std::move(items)));
    properties.Append("kind", Value(String("What the list is.")));
    properties.Append("metadata", Ref(kListMeta));
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
    schemas_.emplace(Cat(item, "List"), Value(std::move(o)));
  }

  // What operations refer to that no resource has.
  void AddMetaSchemas() {
    static constexpr std::pair<const char*, const char*> kFixed[] = {
        {"ListMeta",
         R"({"description":"What a list has beside its items.","type":"object","properties":{"continue":{"type":"string"},"remainingItemCount":{"type":"integer","format":"int64"},"resourceVersion":{"type":"string"},"selfLink":{"type":"string"}}})"},
        {"Patch", R"({"description":"A patch in one of the accepted formats.","type":"object"})"},
        {"Status",
         R"({"description":"The outcome of a call that answers no object.","type":"object","properties":{"apiVersion":{"type":"string"},"code":{"type":"integer","format":"int32"},"details":{"type":"object","x-kubernetes-preserve-unknown-fields":true},"kind":{"type":"string"},"message":{"type":"string"},"metadata":{"type":"object","x-kubernetes-preserve-unknown-fields":true},"reason":{"type":"string"},"status":{"type":"string"}},"x-kubernetes-group-version-kind":[{"group":"","kind":"Status","version":"v1"}]})"},
        {"DeleteOptions",
         R"({"description":"How to delete.","type":"object","properties":{"apiVersion":{"type":"string"},"dryRun":{"type":"array","items":{"type":"string"}},"gracePeriodSeconds":{"type":"integer","format":"int64"},"kind":{"type":"string"},"orphanDependents":{"type":"boolean"},"preconditions":{"type":"object","properties":{"resourceVersion":{"type":"string"},"uid":{"type":"string"}}},"propagationPolicy":{"type":"string"}},"x-kubernetes-group-version-kind":[{"group":"","kind":"DeleteOptions","version":"v1"}]})"},
    };
    for (const auto& [name, text] : kFixed) {
      auto value = json::Parse(text);
      if (value.ok()) schemas_.emplace(Cat(kMeta, name), *std::move(value));
    }
    if (object_meta_ != nullptr) {
      references_.emplace(std::string(kObjectMeta), object_meta_);
    } else {
      schemas_.emplace(std::string(kObjectMeta),
                       *json::Parse(R"({"type":"object","x-kubernetes-preserve-unknown-fields":true})"));
    }
  }

  static bool Has(const std::vector<std::string>& verbs, std::string_view verb) {
    return std::find(verbs.begin(), verbs.end(), verb) != verbs.end();
  }

  void AddPaths(const ResourceDefinition& d) {
    const std::string base = Cat("/", GroupVersionPath(d));
    const std::string all = Cat(base, "/", d.gvr.resource);
    const std::string collection = d.namespaced() ? Cat(base, "/namespaces/{namespace}/", d.gvr.resource) : all;
    const std::string object = Cat(collection, "/{name}");
    const std::string body = SchemaName(d), list = Cat(body, "List"), status = Cat(kMeta, "Status");
    if (Has(d.verbs, "list")) Operation(d, collection, "get", "list", list, "", d.gvk());
    if (Has(d.verbs, "list") && d.namespaced()) Operation(d, all, "get", "list", list, "", d.gvk());
    if (Has(d.verbs, "create")) Operation(d, collection, "post", "post", body, body, d.gvk());
    if (Has(d.verbs, "deletecollection")) {
      Operation(d, collection, "delete", "deletecollection", status, Cat(kMeta, "DeleteOptions"), d.gvk());
    }
    if (Has(d.verbs, "get")) Operation(d, object, "get", "get", body, "", d.gvk());
    if (Has(d.verbs, "update")) Operation(d, object, "put", "put", body, body, d.gvk());
    if (Has(d.verbs, "patch")) Operation(d, object, "patch", "patch", body, Cat(kMeta, "Patch"), d.gvk());
    if (Has(d.verbs, "delete")) Operation(d, object, "delete", "delete", status, Cat(kMeta, "DeleteOptions"), d.gvk());
    for (const auto& sub : d.subresources) {
      const api::Gvk gvk = sub.kind.kind.empty() ? d.gvk() : sub.kind;
      const std::string path = Cat(object, "/", sub.name);
      const std::string kind = sub.schema != nullptr && !sub.schema->name.empty() ? sub.schema->name : body;
      if (Has(sub.verbs, "get")) Operation(d, path, "get", "get", kind, "", gvk);
      if (Has(sub.verbs, "create")) Operation(d, path, "post", "post", kind, kind, gvk);
      if (Has(sub.verbs, "update")) Operation(d, path, "put", "put", kind, kind, gvk);
      if (Has(sub.verbs, "patch")) Operation(d, path, "patch", "patch", kind, Cat(kMeta, "Patch"), gvk);
    }
  }

  Value ParameterObject(const char* name, const char* in, const char* type, const char* description) const {
    Object o;
    o.Append("name", Value(name));
    o.Append("in", Value(in));
    o.Append("description", Value(description));
    if (std::string_view(in) == "path") o.Append("required", Value(true));
    if (v3()) {
      Object schema;
      schema.Append("type", Value(type));
      schema.Append("uniqueItems", Value(true));
      o.Append("schema", Value(std::move(schema)));
    } else {
      o.Append("type", Value(type));
      o.Append("uniqueItems", Value(true));
    }
    return Value(std::move(o));
  }

  Array Parameters(std::string_view path, std::string_view action) const {
    Array out;
    auto add = [&](const Parameter& p) { out.push_back(ParameterObject(p.name, "query", p.type, p.description)); };
    if (action == "list" || action == "deletecollection")
      std::for_each(std::begin(kListParameters), std::end(kListParameters), add);
    if (action == "post" || action == "put" || action == "patch")
      std::for_each(std::begin(kWriteParameters), std::end(kWriteParameters), add);
    if (action == "patch") add(kForce);
    if (action == "delete" || action == "deletecollection") {
      for (const Parameter& p : kDeleteParameters) add(p);
    }
    if (path.find("{name}") != std::string_view::npos)
      out.push_back(ParameterObject("name", "path", "string", "The object's name."));
    if (path.find("{namespace}") != std::string_view::npos) {
      out.push_back(ParameterObject("namespace", "path", "string", "The namespace it is in."));
    }
    out.push_back(ParameterObject("pretty", "query", "string", "Indent the answer."));
    return out;
  }

  // What a body may be. For PATCH exactly what is accepted: clients choose by it.
  static std::vector<const char*> ContentTypes(const ResourceDefinition& d, std::string_view action) {
    if (action != "patch") return {"application/json", "application/yaml"};
    if (d.flavor == registry::Flavor::kCustom) {
      return {"application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json"};
    }
    return {"application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json",
            "application/strategic-merge-patch+json"};
  }

  static Value Content(const std::vector<const char*>& types, const Value& schema) {
    Object content;
    for (const char* type : types) {
      Object media;
      media.Append("schema", schema);
      content.Append(type, Value(std::move(media)));
    }
    return Value(std::move(content));
  }

  Value Responses(std::string_view answer, std::string_view action) const {
    Object out;
    auto add = [&](const char* code, const char* description) {
      Object response;
      response.Append("description", Value(description));
      if (v3()) {
        response.Append("content", Content({"application/json", "application/yaml"}, Ref(answer)));
      } else {
        response.Append("schema", Ref(answer));
      }
      out.Append(code, Value(std::move(response)));
    };
    add("200", "OK");
    if (action == "post" || action == "put" || action == "patch") add("201", "Created");
    Object unauthorized;
    unauthorized.Append("description", Value("Unauthorized"));
    out.Append("401", Value(std::move(unauthorized)));
    return Value(std::move(out));
  }

  void Operation(const ResourceDefinition& d, const std::string& path, const char* method, const char* action,
                 const std::string& answer, const std::string& body, const api::Gvk& gvk) {
    Object o;
    std::string id = Cat(action, d.kind);
    for (std::string_view part : Split(path, '/')) {
      if (part.empty() || part == "api" || part == "apis") continue;
      for (char c : part) id.push_back(std::string_view("{}.").find(c) == std::string_view::npos ? c : '_');
    }
    o.Append("operationId", Value(std::move(id)));
    Array parameters = Parameters(path, action);
    if (!body.empty()) {
      std::vector<const char*> types = ContentTypes(d, action);
      if (v3()) {
        Object request;
        request.Append("content", Content(types, Ref(body)));
        request.Append("required", Value(std::string_view(method) != "delete"));
        o.Append("requestBody", Value(std::move(request)));
      } else {
        Array consumes(types.begin(), types.end());
        o.Append("consumes", Value(std::move(consumes)));
        Object parameter;
        parameter.Append("name", Value("body"));
        parameter.Append("in", Value("body"));
        if (std::string_view(method) != "delete") parameter.Append("required", Value(true));
        parameter.Append("schema", Ref(body));
        parameters.emplace_back(std::move(parameter));
      }
    }
    o.Append("parameters", Value(std::move(parameters)));
    o.Append("responses", Responses(answer, action));
    o.Append("x-kubernetes-action", Value(action));
    o.Append("x-kubernetes-group-version-kind", Kinds(gvk));
    paths_[path].Set(method, Value(std::move(o)));
  }

  OpenApiVersion version_;
  const schema::Schema* object_meta_;
  References references_;
  std::map<std::string, Value> schemas_;
  std::map<std::string, Object> paths_;
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

std::string GroupVersionPath(const ResourceDefinition& d) {
  return d.gvr.group.empty() ? Cat("api/", d.gvr.version) : Cat("apis/", d.gvr.group, "/", d.gvr.version);
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

std::string BuildOpenApiV3(const registry::Resolver::Set& set, std::string_view group_version_path) {
  Builder builder(OpenApiVersion::kV3, set);
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

std::string BuildOpenApiV2(const registry::Resolver::Set& set) {
  Builder builder(OpenApiVersion::kV2, set);
  for (const auto& d : set) builder.Add(*d);
  Object o;
  o.Append("swagger", Value("2.0"));
  o.Append("info", Info());
  o.Append("paths", builder.TakePaths());
  o.Append("definitions", builder.TakeSchemas());
  return json::Write(Value(std::move(o)));
}

}  // namespace atoll::endpoints
