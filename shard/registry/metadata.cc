#include "shard/registry/metadata.h"

#include <algorithm>
#include <array>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "common/api/object.h"
#include "common/api/validation.h"
#include "common/base/strings.h"
#include "shard/registry/strategy.h"

namespace atoll::registry {

namespace {

using json::Value;

enum class Shape : uint8_t { kString, kInt, kStringMap, kStringList, kObjectList };
struct MetaMember {
  std::string_view name;
  Shape shape;
};
constexpr std::array<MetaMember, 15> kMetaMembers = {{
    {"name", Shape::kString},
    {"generateName", Shape::kString},
    {"namespace", Shape::kString},
    {"selfLink", Shape::kString},
    {"uid", Shape::kString},
    {"resourceVersion", Shape::kString},
    {"generation", Shape::kInt},
    {"creationTimestamp", Shape::kString},
    {"deletionTimestamp", Shape::kString},
    {"deletionGracePeriodSeconds", Shape::kInt},
    {"labels", Shape::kStringMap},
    {"annotations", Shape::kStringMap},
    {"ownerReferences", Shape::kObjectList},
    {"finalizers", Shape::kStringList},
    {"managedFields", Shape::kObjectList},
}};

const MetaMember* FindMetaMember(std::string_view name) {
  for (const MetaMember& m : kMetaMembers) {
    if (m.name == name) return &m;
  }
  return nullptr;
}

const char* KindWord(const Value& v) {
  switch (v.kind()) {
    case Value::Kind::kBool:
      return "bool";
    case Value::Kind::kInt:
    case Value::Kind::kDouble:
      return "number";
    case Value::Kind::kString:
      return "string";
    case Value::Kind::kArray:
      return "array";
    case Value::Kind::kObject:
      return "object";
    case Value::Kind::kNull:
      break;
  }
  return "null";
}

// The value that breaks `shape`, or nullptr. Nulls are "not set" everywhere.
const Value* Offender(Shape shape, const Value& v) {
  if (v.is_null()) return nullptr;
  const auto check_all = [](const auto& range, auto ok, auto get) -> const Value* {
    for (const auto& x : range) {
      if (!get(x).is_null() && !ok(get(x))) return &get(x);
    }
    return nullptr;
  };
  const auto itself = [](const Value& x) -> const Value& { return x; };
  switch (shape) {
    case Shape::kString:
      return v.is_string() ? nullptr : &v;
    case Shape::kInt:
      return v.is_int() ? nullptr : &v;
    case Shape::kStringMap:
      if (!v.is_object()) return &v;
      return check_all(
          v.object(), [](const Value& x) { return x.is_string(); },
          [](const auto& m) -> const Value& { return m.second; });
    case Shape::kStringList:
      if (!v.is_array()) return &v;
      return check_all(v.array(), [](const Value& x) { return x.is_string(); }, itself);
    case Shape::kObjectList:
      if (!v.is_array()) return &v;
      return check_all(v.array(), [](const Value& x) { return x.is_object(); }, itself);
  }
  return nullptr;
}

const char* GoTypeName(Shape shape, const Value& whole) {
  switch (shape) {
    case Shape::kString:
      return "string";
    case Shape::kInt:
      return "int64";
    case Shape::kStringMap:
      return whole.is_object() ? "string" : "map[string]string";
    case Shape::kStringList:
      return whole.is_array() ? "string" : "[]string";
    case Shape::kObjectList:
      return whole.is_array() ? "v1.OwnerReference" : "[]v1.OwnerReference";
  }
  return "";
}

void CheckManagedFields(const Value* managed, api::FieldErrors* errors) {
  if (managed == nullptr || !managed->is_array()) return;
  for (size_t i = 0; i < managed->array().size(); ++i) {
    const Value& entry = managed->array()[i];
    const std::string at = StrCat("metadata.managedFields[", i, "]");
    const std::string_view operation = entry.StringAt({"operation"}), type = entry.StringAt({"fieldsType"});
    if (operation != "Apply" && operation != "Update") {
      errors->push_back(api::FieldInvalid(at + ".operation", operation, "must be `Apply` or `Update`"));
    }
    if (!type.empty() && type != "FieldsV1")
      errors->push_back(api::FieldInvalid(at + ".fieldsType", type, "must be `FieldsV1`"));
  }
}

void CheckFinalizerNames(const Value& object, api::FieldErrors* errors) {
  size_t i = 0;
  for (const std::string& f : api::Finalizers(object)) {
    const std::string at = StrCat("metadata.finalizers[", i++, "]");
    if (f == kOrphanFinalizer || f == kForegroundFinalizer || f == "kubernetes" || absl::StrContains(f, '/')) continue;
    errors->push_back(api::FieldInvalid(at, f, "name is neither a standard finalizer name nor is it fully qualified"));
  }
}

}  // namespace

absl::Status CheckMetadataTypes(const ResourceDefinition& definition, const Value& object) {
  const Value* metadata = object.Find("metadata");
  if (metadata == nullptr || metadata->is_null()) return absl::OkStatus();
  const auto refuse = [&](std::string_view text) {
    return api::BadRequest(StrCat(definition.kind, " in version \"", definition.gvr.version,
                                  "\" cannot be handled as a ", definition.kind, ": json: cannot unmarshal ", text));
  };
  if (!metadata->is_object()) {
    return refuse(
        StrCat(KindWord(*metadata), " into Go struct field ", definition.kind, ".metadata of type v1.ObjectMeta"));
  }
  for (const auto& [key, value] : metadata->object()) {
    const MetaMember* member = FindMetaMember(key);
    if (member == nullptr) continue;
    if (const Value* bad = Offender(member->shape, value); bad != nullptr) {
      return refuse(StrCat(KindWord(*bad), " into Go struct field ObjectMeta.metadata.", key, " of type ",
                           GoTypeName(member->shape, value)));
    }
    const bool is_time = key == "creationTimestamp" || key == "deletionTimestamp";
    if (is_time && value.is_string() && !value.string().empty() && !api::ParseTime(value.string()).has_value()) {
      return api::BadRequest(StrCat(definition.kind, " in version \"", definition.gvr.version,
                                    "\" cannot be handled as a ", definition.kind, ": parsing time ",
                                    api::GoQuote(value.string()), " as \"2006-01-02T15:04:05Z07:00\": cannot parse ",
                                    api::GoQuote(value.string()), " as \"2006\""));
    }
  }
  return absl::OkStatus();
}

std::vector<std::string> PruneMetadata(Value* object) {
  std::vector<std::string> unknown;
  Value* metadata = object->Find("metadata");
  if (metadata == nullptr || !metadata->is_object()) return unknown;
  for (const auto& [key, value] : metadata->object()) {
    if (FindMetaMember(key) == nullptr) unknown.push_back(StrCat("metadata.", key));
  }
  for (const std::string& path : unknown)
    metadata->object().Erase(std::string_view(path).substr(std::string_view("metadata.").size()));
  return unknown;
}

absl::Status ReconcileScope(const CallContext& ctx, std::string_view name, Value* object) {
  Value& member = object->Ensure({"metadata"});
  if (!member.is_object()) member = Value::MakeObject();
  json::Object& metadata = member.object();
  const std::string_view body_ns = api::Namespace(*object);
  if (!ctx.definition->namespaced()) {
    metadata.Erase("namespace");
  } else if (body_ns.empty()) {
    metadata.Set("namespace", ctx.ns);
  } else if (body_ns != ctx.ns) {
    return api::BadRequest("the namespace of the provided object does not match the namespace sent on the request");
  }
  if (name.empty()) return absl::OkStatus();
  const std::string_view body_name = api::Name(*object);
  if (body_name.empty()) {
    return api::BadRequest(
        StrCat("the name of the object (", name, " based on URL) was undeterminable: name must be provided"));
  }
  if (body_name != name) {
    return api::BadRequest(
        StrCat("the name of the object (", body_name, ") does not match the name on the URL (", name, ")"));
  }
  return absl::OkStatus();
}

void DedupOwnerReferences(Value* object, std::vector<std::string>* warnings) {
  Value* owners = object->At({"metadata", "ownerReferences"});
  if (owners == nullptr || !owners->is_array() || owners->array().size() < 2) return;
  json::Array kept;
  std::vector<std::string> uids;
  for (Value& owner : owners->array()) {
    if (std::find(kept.begin(), kept.end(), owner) == kept.end()) {
      kept.push_back(std::move(owner));
    } else if (std::string uid(owner.StringAt({"uid"})); std::find(uids.begin(), uids.end(), uid) == uids.end()) {
      uids.push_back(std::move(uid));
    }
  }
  owners->array() = std::move(kept);
  if (uids.empty()) return;
  warnings->push_back(
      StrCat(".metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and "
             "may reject such requests "
             "as early as 1.24; please fix your requests; duplicate UID(s) observed: ",
             absl::StrJoin(uids, ", ")));
}

api::FieldErrors ValidateMetadata(const ResourceDefinition& definition, const Value& object) {
  api::FieldErrors errors;
  // The type's own rule first; what every name must satisfy, and all else, follows.
  for (std::string_view member : {"generateName", "name"}) {
    const Value value(object.StringAt({"metadata", member}));
    if (value.string().empty()) continue;
    for (const auto& e : definition.strategy->ValidateName(value.string(), member == "generateName")) {
      errors.push_back(api::FieldInvalid(StrCat("metadata.", member), value, e));
    }
  }
  const size_t own = errors.size();
  for (auto& e : api::ValidateObjectMeta(object, {api::NameRule::kPathSegment, definition.namespaced()})) {
    const bool said = std::any_of(errors.begin(), errors.begin() + static_cast<ptrdiff_t>(own),
                                  [&](const api::FieldError& other) { return other.Line() == e.Line(); });
    if (!said) errors.push_back(std::move(e));
  }
  if (const Value* generation = object.At({"metadata", "generation"});
      generation != nullptr && generation->is_int() && generation->int_value() < 0) {
    errors.push_back(api::FieldInvalid("metadata.generation", *generation, "must be greater than or equal to 0"));
  }
  if (definition.qualified_finalizers) CheckFinalizerNames(object, &errors);
  CheckManagedFields(object.At({"metadata", "managedFields"}), &errors);
  return errors;
}

api::FieldErrors ValidateMetadataUpdate(const ResourceDefinition& definition, const Value& object, const Value& old) {
  api::FieldErrors errors = api::ValidateObjectMetaUpdate(object, old);
  if (definition.qualified_finalizers) CheckFinalizerNames(object, &errors);
  CheckManagedFields(object.At({"metadata", "managedFields"}), &errors);
  return errors;
}

void WarnOfFinalizers(const Value& object, const Value* old, std::vector<std::string>* warnings) {
  for (const std::string& f : api::Finalizers(object)) {
    if (f == kOrphanFinalizer || f == kForegroundFinalizer || f == "kubernetes" || absl::StrContains(f, '/')) continue;
    if (old != nullptr && api::HasFinalizer(*old, f)) continue;
    warnings->push_back(StrCat(
        "metadata.finalizers: ", api::GoQuote(f), ": ",
        absl::StrContains(f, '.')
            ? "prefer a domain-qualified finalizer name including a path (/) to avoid accidental conflicts with other "
              "finalizer writers"
            : "prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers"));
  }
}

}  // namespace atoll::registry
