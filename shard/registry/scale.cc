#include "shard/registry/scale.h"

#include "common/api/errors.h"
#include "common/api/object.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/json/write.h"
#include "common/schema/schema.h"

namespace atoll::registry {
namespace {

using json::Value;

const api::Gvk kKind{"autoscaling", "v1", "Scale"};

const ResourceDefinition& Definition() {
  static const ResourceDefinition* const d = [] {
    auto* made = new ResourceDefinition();
    made->gvr = {"autoscaling", "v1", "scales"};
    made->kind = "Scale";
    return made;
  }();
  return *d;
}

void Put(const ScalePaths::Place& place, int64_t replicas, Value* object) {
  Value* at = object;
  for (const std::string& member : place.path) {
    if (!at->is_object()) *at = Value::MakeObject();
    at = &at->object()[member];
  }
  *at = Value(replicas);
}

absl::StatusOr<int64_t> ReplicasOf(const ResourceDefinition& definition, const Value& scale) {
  const Subresource* sub = definition.FindSubresource(kScale);
  if (sub != nullptr && sub->schema != nullptr) {
    if (absl::Status s = schema::CheckTypes(*sub->schema, scale, kKind.kind); !s.ok()) {
      return api::BadRequest(StrCat("Scale in version \"v1\" cannot be handled as a Scale: ", ToStd(s.message())));
    }
  }
  const int64_t replicas = scale.IntAt({"spec", "replicas"});
  if (replicas < 0) {
    return api::Invalid(kKind, api::Name(scale),
                        {api::FieldInvalid("spec.replicas", replicas, "must be greater than or equal to 0")});
  }
  return replicas;
}

}  // namespace

const Value* AtPlace(const Value& object, const ScalePaths::Place& place) {
  const Value* at = &object;
  for (const std::string& member : place.path) {
    at = at->Find(member);
    if (at == nullptr) return nullptr;
  }
  return at;
}

std::string PrintedPlace(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::kNull:
      return "<nil> is of the type <nil>";
    case Value::Kind::kBool:
      return StrCat(json::Write(value), " is of the type bool");
    case Value::Kind::kInt:
      return StrCat(json::Write(value), " is of the type int64");
    case Value::Kind::kDouble:
      return StrCat(json::Write(value), " is of the type float64");
    case Value::Kind::kString:
      return StrCat(value.string(), " is of the type string");
    case Value::Kind::kArray:
      return StrCat(json::Write(value), " is of the type []interface {}");
    case Value::Kind::kObject:
      return StrCat(json::Write(value), " is of the type map[string]interface {}");
  }
  return "";
}

absl::StatusOr<Value> ScaleOf(const ResourceDefinition& definition, const Value& object) {
  const ScalePaths& paths = *definition.scale;
  const Value* replicas = AtPlace(object, paths.spec_replicas);
  if (replicas == nullptr) {
    return api::InternalError(
        StrCat("the spec replicas field ", api::GoQuote(paths.spec_replicas.text), " does not exist"));
  }
  json::Object metadata;
  for (std::string_view member : {"name", "namespace", "uid", "resourceVersion", "creationTimestamp"}) {
    if (const Value* v = object.At({"metadata", member})) metadata.Append(std::string(member), *v);
  }
  Value scale = Value::MakeObject();
  scale.object().Append("kind", kKind.kind);
  scale.object().Append("apiVersion", kKind.ApiVersion());
  scale.object().Append("metadata", Value(std::move(metadata)));
  json::Object spec;
  if (replicas->is_int() && replicas->int_value() != 0) spec.Append("replicas", *replicas);
  scale.object().Append("spec", Value(std::move(spec)));
  json::Object status;
  const Value* current = AtPlace(object, paths.status_replicas);
  status.Append("replicas", current != nullptr && current->is_int() ? *current : Value(0));
  if (!paths.selector.path.empty()) {
    const Value* selector = AtPlace(object, paths.selector);
    if (selector != nullptr && !selector->StringOr().empty()) status.Append("selector", *selector);
  }
  scale.object().Append("status", Value(std::move(status)));
  return scale;
}

storage::StoredObject SentScale(Value scale, store::Revision modified) {
  return storage::StoredObject(storage::EncodeObject(Definition(), {}, std::move(scale)), modified);
}

absl::Status WriteScale(const ResourceDefinition& definition, const Value& scale, Value* object) {
  ASSIGN_OR_RETURN(const int64_t replicas, ReplicasOf(definition, scale));
  Put(definition.scale->spec_replicas, replicas, object);
  // What the writer read it as, if it says so.
  for (std::string_view member : {"resourceVersion", "uid"}) {
    const std::string_view value = scale.StringAt({"metadata", member});
    if (!value.empty()) object->Ensure({"metadata"}).object().Set(member, value);
  }
  return absl::OkStatus();
}

absl::StatusOr<Value> ScaleConfiguration(const ResourceDefinition& definition, const Value& scale) {
  if (scale.StringAt({"apiVersion"}) != kKind.ApiVersion() || scale.StringAt({"kind"}) != kKind.kind)
    return api::BadRequest("invalid object type: the configuration of a scale must be an autoscaling/v1 Scale");
  Value config = Value::MakeObject();
  config.object().Append("apiVersion", definition.gvk().ApiVersion());
  config.object().Append("kind", definition.kind);
  if (const Value* metadata = scale.Find("metadata")) config.object().Append("metadata", *metadata);
  if (scale.At({"spec", "replicas"}) != nullptr) {
    ASSIGN_OR_RETURN(const int64_t replicas, ReplicasOf(definition, scale));
    Put(definition.scale->spec_replicas, replicas, &config);
  }
  return config;
}

}  // namespace atoll::registry
