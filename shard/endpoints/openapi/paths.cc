#include "shard/endpoints/openapi/paths.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "common/base/strings.h"
#include "shard/endpoints/text.h"

namespace atoll::endpoints {
namespace {

using json::Array;
using json::Object;
using json::Value;
using registry::ResourceDefinition;

struct Parameter {
  std::string_view name, type, description;
  bool in_path = false;
};
using Parameters = std::vector<Parameter>;

// Sorted by name, as they are published.
constexpr Parameter kBookmarks = {"allowWatchBookmarks", "boolean", "Ask for BOOKMARK events in a watch."};
constexpr Parameter kContinue = {"continue", "string",
                                 "The token of the next page, from the metadata of the page before."};
constexpr Parameter kDryRun = {"dryRun", "string", "All: check and answer, store nothing."};
constexpr Parameter kFieldManager = {"fieldManager", "string", "Who makes the change, for metadata.managedFields."};
constexpr Parameter kFieldSelector = {"fieldSelector", "string", "Only objects whose fields match."};
constexpr Parameter kFieldValidation = {"fieldValidation", "string",
                                        "What to do about unknown and repeated fields: Ignore, Warn or Strict."};
constexpr Parameter kForce = {"force", "boolean", "Take over fields that other managers own. Server-side apply only."};
constexpr Parameter kGracePeriod = {"gracePeriodSeconds", "integer", "Accepted and ignored."};
constexpr Parameter kLabelSelector = {"labelSelector", "string", "Only objects whose labels match."};
constexpr Parameter kLimit = {"limit", "integer", "At most this many objects a page."};
constexpr Parameter kName = {"name", "string", "The object's name.", /*in_path=*/true};
constexpr Parameter kNamespace = {"namespace", "string", "The namespace it is in.", /*in_path=*/true};
constexpr Parameter kOrphan = {"orphanDependents", "boolean", "Deprecated: use propagationPolicy."};
constexpr Parameter kPretty = {"pretty", "string", "Indent the answer."};
constexpr Parameter kPropagation = {"propagationPolicy", "string",
                                    "What becomes of dependents: Orphan, Background or Foreground."};
constexpr Parameter kVersion = {"resourceVersion", "string", "What the answer must be based on."};
constexpr Parameter kVersionMatch = {"resourceVersionMatch", "string",
                                     "How resourceVersion is meant: Exact or NotOlderThan."};
constexpr Parameter kInitialEvents = {"sendInitialEvents", "boolean",
                                      "Begin a watch with the present objects and a bookmark behind them."};
constexpr Parameter kTimeout = {"timeoutSeconds", "integer", "End the call after this time."};
constexpr Parameter kWatch = {"watch", "boolean", "Stream changes instead of listing."};

const Parameters kListing = {kBookmarks, kContinue,     kFieldSelector, kLabelSelector, kLimit,
                             kVersion,   kVersionMatch, kInitialEvents, kTimeout,       kWatch};
const Parameters kDeletingMany = {kContinue, kDryRun,      kFieldSelector, kGracePeriod,  kLabelSelector, kLimit,
                                  kOrphan,   kPropagation, kVersion,       kVersionMatch, kInitialEvents, kTimeout};
const Parameters kDeleting = {kDryRun, kGracePeriod, kOrphan, kPropagation};
const Parameters kWriting = {kDryRun, kFieldManager, kFieldValidation};
const Parameters kPatching = {kDryRun, kFieldManager, kFieldValidation, kForce};

struct Operation {
  const char* method;
  const char* action;  // x-kubernetes-action
  std::string id;
  std::string answer, body;  // names of definitions; body: "" for none
  api::Gvk gvk;
  Parameters parameters;  // of the query
};

std::string Capitalized(std::string_view word) {
  std::string out(word);
  if (!out.empty()) out[0] = absl::ascii_toupper(static_cast<unsigned char>(out[0]));
  return out;
}

// `rbac.authorization.k8s.io` -> RbacAuthorization, the core group -> Core.
std::string GroupTitle(const ResourceDefinition& d) {
  std::string_view group = d.gvr.group;
  constexpr std::string_view kSuffix = ".k8s.io";
  if (group.empty()) return "Core";
  if (d.flavor == registry::Flavor::kTyped && group.ends_with(kSuffix)) group.remove_suffix(kSuffix.size());
  std::string title;
  for (std::string_view part : Split(group, '.')) title += Capitalized(part);
  return title;
}

std::string Tag(const ResourceDefinition& d) {
  std::string title = GroupTitle(d);
  title[0] = absl::ascii_tolower(static_cast<unsigned char>(title[0]));
  return Cat(title, "_", d.gvr.version);
}

bool Has(const std::vector<std::string>& verbs, std::string_view verb) {
  return std::find(verbs.begin(), verbs.end(), verb) != verbs.end();
}

// Writes the path items of one resource.
class Writer {
 public:
  Writer(OpenApiVersion version, const ResourceDefinition& d) : v3_(version == OpenApiVersion::kV3), d_(d) {}

  void Write(const std::string& path, std::vector<Operation> operations, Paths* paths) const {
    if (operations.empty()) return;
    Parameters of_path;
    if (path.find("{name}") != std::string::npos) of_path.push_back(kName);
    if (path.find("{namespace}") != std::string::npos) of_path.push_back(kNamespace);
    of_path.push_back(kPretty);
    // What all operations of a path take stands beside them, once.
    for (const Parameter& p : operations.front().parameters) {
      const bool everywhere = std::all_of(operations.begin(), operations.end(), [&](const Operation& o) {
        return std::any_of(o.parameters.begin(), o.parameters.end(),
                           [&](const Parameter& other) { return other.name == p.name; });
      });
      if (everywhere) of_path.push_back(p);
    }
    std::sort(of_path.begin(), of_path.end(), [](const Parameter& a, const Parameter& b) { return a.name < b.name; });
    Object& item = (*paths)[path];
    for (Operation& o : operations) {
      std::erase_if(o.parameters, [&](const Parameter& p) {
        return std::any_of(of_path.begin(), of_path.end(),
                           [&](const Parameter& other) { return other.name == p.name; });
      });
      item.Append(o.method, OperationObject(o));
    }
    item.Append("parameters", ParameterList(of_path));
  }

  Value OperationObject(const Operation& o) const {
    Object out;
    Array tags;
    tags.emplace_back(Tag(d_));
    out.Append("tags", Value(std::move(tags)));
    out.Append("operationId", Value(o.id));
    Value parameters = ParameterList(o.parameters);
    if (!v3_) out.Append("produces", Strings(AnswerTypes(o)));
    if (!o.body.empty()) AppendBody(o, &parameters, &out);
    if (!parameters.array().empty()) out.Append("parameters", std::move(parameters));
    out.Append("responses", Responses(o));
    if (*o.action != '\0') {
      out.Append("x-kubernetes-action", Value(o.action));
      Object kind;
      kind.Append("group", Value(o.gvk.group));
      kind.Append("kind", Value(o.gvk.kind));
      kind.Append("version", Value(o.gvk.version));
      out.Append("x-kubernetes-group-version-kind", Value(std::move(kind)));
    }
    return Value(std::move(out));
  }

 private:
  bool typed() const { return d_.flavor == registry::Flavor::kTyped; }
  Value Ref(std::string_view name) const { return Reference(v3_ ? OpenApiVersion::kV3 : OpenApiVersion::kV2, name); }

  static Value Strings(const std::vector<std::string_view>& words) {
    Array array;
    for (std::string_view w : words) array.emplace_back(w);
    return Value(std::move(array));
  }

  Value ParameterList(const Parameters& parameters) const {
    Array list;
    for (const Parameter& p : parameters) {
      Object o;
      o.Append("name", Value(p.name));
      o.Append("in", Value(p.in_path ? "path" : "query"));
      o.Append("description", Value(p.description));
      if (p.in_path) o.Append("required", Value(true));
      if (v3_) {
        o.Append("schema", Value(Object{{"type", Value(p.type)}, {"uniqueItems", Value(true)}}));
      } else {
        o.Append("type", Value(p.type));
        o.Append("uniqueItems", Value(true));
      }
      list.emplace_back(std::move(o));
    }
    return Value(std::move(list));
  }

  // What a body may be. For PATCH exactly what is accepted: clients choose by it.
  std::vector<std::string_view> BodyTypes(const Operation& o) const {
    if (std::string_view(o.method) == "patch") {
      std::vector<std::string_view> types = {"application/apply-patch+yaml", "application/json-patch+json",
                                             "application/merge-patch+json"};
      if (typed()) types.emplace_back("application/strategic-merge-patch+json");
      return types;
    }
    if (typed()) return {"*/*"};
    return {"application/json", "application/yaml"};
  }

  std::vector<std::string_view> AnswerTypes(const Operation& o) const {
    const std::string_view action(o.action);
    if (!typed()) return {"application/json", "application/yaml"};
    if (action == "list" || action.starts_with("watch")) {
      return {"application/json", "application/json;stream=watch", "application/vnd.kubernetes.protobuf",
              "application/vnd.kubernetes.protobuf;stream=watch", "application/yaml"};
    }
    return {"application/json", "application/vnd.kubernetes.protobuf", "application/yaml"};
  }

  static Value Content(const std::vector<std::string_view>& types, const Value& schema) {
    Object content;
    for (std::string_view type : types) content.Append(std::string(type), Value(Object{{"schema", schema}}));
    return Value(std::move(content));
  }

  void AppendBody(const Operation& o, Value* parameters, Object* out) const {
    const bool required = std::string_view(o.method) != "delete";
    if (v3_) {
      Object request;
      request.Append("content", Content(BodyTypes(o), Ref(o.body)));
      if (required) request.Append("required", Value(true));
      out->Append("requestBody", Value(std::move(request)));
      return;
    }
    out->Append("consumes", Strings(BodyTypes(o)));
    Object parameter;
    parameter.Append("name", Value("body"));
    parameter.Append("in", Value("body"));
    if (required) parameter.Append("required", Value(true));
    parameter.Append("schema", Ref(o.body));
    parameters->array().insert(parameters->array().begin(), Value(std::move(parameter)));
  }

  Value Responses(const Operation& o) const {
    Object out;
    auto add = [&](const char* code, const char* description) {
      Object response;
      response.Append("description", Value(description));
      if (v3_) {
        response.Append("content", Content(AnswerTypes(o), Ref(o.answer)));
      } else {
        response.Append("schema", Ref(o.answer));
      }
      out.Append(code, Value(std::move(response)));
    };
    const std::string_view action(o.action);
    add("200", "OK");
    if (action == "post" || action == "put" || (action == "patch" && typed())) add("201", "Created");
    if (action == "post" || action == "delete") add("202", "Accepted");
    out.Append("401", Value(Object{{"description", Value("Unauthorized")}}));
    return Value(std::move(out));
  }

  const bool v3_;
  const ResourceDefinition& d_;
};

// The routes of one resource.
class Routes {
 public:
  Routes(OpenApiVersion version, const ResourceDefinition& d, std::string schema, Paths* paths)
      : d_(d), writer_(version, d), schema_(std::move(schema)), list_(Cat(schema_, "List")), paths_(paths) {
    base_ = Cat("/", GroupVersionPath(d));
    const std::string scope = d.namespaced() ? "/namespaces/{namespace}/" : "/";
    collection_ = Cat(base_, scope, d.gvr.resource);
    object_ = Cat(collection_, "/{name}");
  }

  void Add() const {
    writer_.Write(collection_, OnCollection(), paths_);
    writer_.Write(object_, OnObject(), paths_);
    if (d_.namespaced() && Has(d_.verbs, "list")) {
      writer_.Write(Cat(base_, "/", d_.gvr.resource),
                    {Op("get", "list", Id("list", {.everywhere = true}), list_, "", kListing)}, paths_);
    }
    for (const auto& sub : d_.subresources) writer_.Write(Cat(object_, "/", sub.name), On(sub), paths_);
    if (d_.flavor == registry::Flavor::kTyped && Has(d_.verbs, "watch")) AddWatches();
  }

 private:
  struct IdOptions {
    bool collection = false, everywhere = false, list = false;
    std::string_view subresource = {};
  };
  std::string Id(std::string_view verb, IdOptions o) const {
    return Cat(verb, GroupTitle(d_), Capitalized(d_.gvr.version), o.collection ? "Collection" : "",
               d_.namespaced() && !o.everywhere ? "Namespaced" : "", d_.kind, o.list ? "List" : "",
               Capitalized(o.subresource), o.everywhere ? "ForAllNamespaces" : "");
  }

  Operation Op(const char* method, const char* action, std::string id, std::string answer, std::string body,
               Parameters parameters) const {
    return {.method = method,
            .action = action,
            .id = std::move(id),
            .answer = std::move(answer),
            .body = std::move(body),
            .gvk = d_.gvk(),
            .parameters = std::move(parameters)};
  }

  std::vector<Operation> OnCollection() const {
    const bool typed = d_.flavor == registry::Flavor::kTyped;
    std::vector<Operation> out;
    if (Has(d_.verbs, "list")) out.push_back(Op("get", "list", Id("list", {}), list_, "", kListing));
    if (Has(d_.verbs, "create")) out.push_back(Op("post", "post", Id("create", {}), schema_, schema_, kWriting));
    if (Has(d_.verbs, "deletecollection")) {
      out.push_back(Op("delete", "deletecollection", Id("delete", {.collection = true}), MetaDefinition("Status"),
                       typed ? MetaDefinition("DeleteOptions") : "", typed ? kDeletingMany : kListing));
    }
    return out;
  }

  std::vector<Operation> OnObject() const {
    const bool typed = d_.flavor == registry::Flavor::kTyped;
    std::vector<Operation> out;
    if (Has(d_.verbs, "get"))
      out.push_back(Op("get", "get", Id("read", {}), schema_, "", typed ? Parameters{} : Parameters{kVersion}));
    if (Has(d_.verbs, "update")) out.push_back(Op("put", "put", Id("replace", {}), schema_, schema_, kWriting));
    if (Has(d_.verbs, "delete")) {
      out.push_back(Op("delete", "delete", Id("delete", {}),
                       d_.returns_deleted_object ? schema_ : MetaDefinition("Status"), MetaDefinition("DeleteOptions"),
                       kDeleting));
    }
    if (Has(d_.verbs, "patch"))
      out.push_back(Op("patch", "patch", Id("patch", {}), schema_, MetaDefinition("Patch"), kPatching));
    return out;
  }

  std::vector<Operation> On(const registry::Subresource& sub) const {
    const std::string kind = sub.schema != nullptr && !sub.schema->name.empty() ? sub.schema->name : schema_;
    const bool typed = d_.flavor == registry::Flavor::kTyped;
    std::vector<Operation> out;
    const IdOptions id{.subresource = sub.name};
    if (Has(sub.verbs, "get"))
      out.push_back(Op("get", "get", Id("read", id), kind, "", typed ? Parameters{} : Parameters{kVersion}));
    if (Has(sub.verbs, "create")) out.push_back(Op("post", "post", Id("create", id), kind, kind, kWriting));
    if (Has(sub.verbs, "update")) out.push_back(Op("put", "put", Id("replace", id), kind, kind, kWriting));
    if (Has(sub.verbs, "patch"))
      out.push_back(Op("patch", "patch", Id("patch", id), kind, MetaDefinition("Patch"), kPatching));
    if (!sub.kind.kind.empty()) {
      for (Operation& o : out) o.gvk = sub.kind;
    }
    return out;
  }

  // The old way to watch, by path. Served, and published for those who read it.
  void AddWatches() const {
    const std::string event = MetaDefinition("WatchEvent"), watch = Cat(base_, "/watch");
    auto add = [&](const std::string& path, const char* action, std::string id) {
      writer_.Write(Cat(watch, path.substr(base_.size())), {Op("get", action, std::move(id), event, "", kListing)},
                    paths_);
    };
    add(collection_, "watchlist", Id("watch", {.list = true}));
    add(object_, "watch", Id("watch", {}));
    if (d_.namespaced())
      add(Cat(base_, "/", d_.gvr.resource), "watchlist", Id("watch", {.everywhere = true, .list = true}));
  }

  const ResourceDefinition& d_;
  const Writer writer_;
  const std::string schema_, list_;
  std::string base_, collection_, object_;
  Paths* paths_;
};

}  // namespace

std::string MetaDefinition(std::string_view name) { return Cat("io.k8s.apimachinery.pkg.apis.meta.v1.", name); }

std::string GroupVersionPath(const ResourceDefinition& d) {
  return d.gvr.group.empty() ? Cat("api/", d.gvr.version) : Cat("apis/", d.gvr.group, "/", d.gvr.version);
}

void AddPaths(OpenApiVersion version, const ResourceDefinition& definition, const std::string& schema_name,
              Paths* paths) {
  Routes(version, definition, schema_name, paths).Add();
}

void AddGroupVersionPath(OpenApiVersion version, const ResourceDefinition& d, Paths* paths) {
  if (d.flavor != registry::Flavor::kTyped) return;
  const std::string path = Cat("/", GroupVersionPath(d), "/");
  if (paths->contains(path)) return;
  Operation o{.method = "get",
              .action = "",
              .id = Cat("get", GroupTitle(d), Capitalized(d.gvr.version), "APIResources"),
              .answer = MetaDefinition("APIResourceList"),
              .body = "",
              .gvk = {},
              .parameters = {}};
  (*paths)[path].Append("get", Writer(version, d).OperationObject(o));
}

}  // namespace atoll::endpoints
