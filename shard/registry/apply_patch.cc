#include "shard/registry/apply_patch.h"

#include <optional>
#include <string>
#include <utility>

#include "common/api/errors.h"
#include "common/api/object.h"
#include "common/apply/typed.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/json/parse.h"
#include "common/json/write.h"
#include "shard/registry/object_meta_schema.h"

namespace atoll::registry {

namespace {

using apply::Duplicates;
using apply::FieldSet;
using json::Value;

constexpr std::string_view kLastApplied = "kubectl.kubernetes.io/last-applied-configuration";
constexpr std::string_view kKubectl = "kubectl";
// Owns what was there when an object that nobody tracked is applied to.
constexpr std::string_view kBeforeFirstApply = "before-first-apply";
constexpr size_t kAnnotationBytesMax = 256 * 1024;

// `apps/v1, Kind=Deployment`, `/v1, Kind=ConfigMap`, as Kubernetes prints a group, version and kind.
std::string PrintedKind(const Value& object) {
  const std::string_view version = object.StringAt({"apiVersion"});
  return StrCat(version.find('/') == std::string_view::npos ? "/" : "", version, ", Kind=", object.StringAt({"kind"}));
}

absl::Status NotOfType(std::string_view what, const Value& object, const absl::Status& why) {
  return api::RawError(StrCat("failed to create typed ", what, " object (", api::Namespace(object), "/",
                              api::Name(object), "; ", PrintedKind(object), "): ", ToStd(why.message())));
}

absl::Status ConflictError(const apply::Managers& conflicts) {
  json::Array causes;
  std::string lines;
  for (const apply::Manager& m : conflicts) {
    const std::string owner = m.Printed();
    StrAppend(&lines, lines.empty() ? "" : "\n", "conflicts with ", owner, ":");
    m.fields.ForEachPath([&](const std::string& path) {
      StrAppend(&lines, "\n- ", path);
      causes.push_back(Value(json::Object{
          {"reason", "FieldManagerConflict"}, {"message", StrCat("conflict with ", owner)}, {"field", path}}));
    });
  }
  const std::string message = causes.size() == 1
                                  ? StrCat("Apply failed with 1 conflict: ", causes[0].StringAt({"message"}), ": ",
                                           causes[0].StringAt({"field"}))
                                  : StrCat("Apply failed with ", causes.size(), " conflicts: ", lines);
  json::Object details;
  details.Append("causes", Value(std::move(causes)));
  json::Object status;
  status.Append("kind", "Status");
  status.Append("apiVersion", "v1");
  status.Append("metadata", Value::MakeObject());
  status.Append("status", "Failure");
  status.Append("message", message);
  status.Append("reason", "Conflict");
  status.Append("details", Value(std::move(details)));
  status.Append("code", 409);
  return api::FromStatusObject(Value(std::move(status)), 409);
}

std::string_view LastApplied(const Value& object) { return object.StringAt({"metadata", "annotations", kLastApplied}); }

// The fields that kubectl's client-side apply set and nobody changed since: kubectl may take them over unforced. Empty
// when the annotation says nothing that can be compared.
FieldSet UnchangedSinceLastApplied(const apply::TypeView& type, const std::string& api_version, const Value& live) {
  const std::string_view text = LastApplied(live);
  if (text.empty()) return {};
  const auto last = json::Parse(text);
  if (!last.ok() || !last->is_object() || last->StringAt({"apiVersion"}) != api_version) return {};
  if (!apply::Validate(type, *last, Duplicates::kRefused).ok()) return {};
  const apply::Comparison changes = apply::Compare(type, *last, live);
  return apply::Collect(type, *last).Difference(changes.modified).Difference(changes.added).Difference(changes.removed);
}

// Client-side apply, should it be used again, finds what was applied last.
void UpdateLastApplied(const Value& config, Value* object) {
  if (LastApplied(*object).empty()) return;
  Value written = config;
  written.Remove({"metadata", "annotations", kLastApplied});
  std::string text = json::Write(written) + "\n";
  json::Object& annotations = object->At({"metadata", "annotations"})->object();
  size_t bytes = text.size();
  for (const auto& [name, value] : annotations) {
    bytes += name.size() + (name == kLastApplied ? 0 : value.StringOr().size());
  }
  if (bytes > kAnnotationBytesMax) {
    annotations.Erase(kLastApplied);
  } else {
    annotations.Set(kLastApplied, std::move(text));
  }
}

}  // namespace

absl::StatusOr<Value> ApplyConfiguration(const ResourceDefinition& definition, const FieldManager& manager,
                                         const Value* live, const Value& config, bool force) {
  const schema::SchemaPtr schema = TrackedSchema(definition);
  const apply::Write write = WriteOf(definition, schema, manager);
  if (config.StringAt({"apiVersion"}) != write.api_version || config.StringAt({"kind"}) != definition.kind)
    return api::BadRequest(StrCat("invalid object type: ", PrintedKind(config)));

  Value object = live != nullptr ? *live : NewObject(definition);
  const Value managed = TakeManagedFields(&object);
  auto managers = apply::ParseManagers(&managed);
  if (!managers.ok())
    return api::RawError(StrCat("failed to decode managed fields: ", ToStd(managers.status().message())));
  if (managers->empty()) {
    apply::Write first = write;
    first.manager = kBeforeFirstApply;
    apply::RecordUpdate(first, NewObject(definition), object, &*managers);
  }
  if (const Value* sent = config.At({"metadata", "managedFields"}); sent != nullptr && sent->is_array())
    return api::BadRequest("metadata.managedFields must be nil");
  if (absl::Status s = apply::Validate(write.type, config, Duplicates::kRefused); !s.ok())
    return NotOfType("patch", config, s);
  if (absl::Status s = apply::Validate(write.type, object, Duplicates::kAllowed); !s.ok())
    return NotOfType("live", object, s);

  apply::Applied applied = apply::ApplyConfig(write, config, force, &object, &*managers);
  if (!applied.conflicts.empty() && manager.name == kKubectl) {
    const FieldSet allowed = UnchangedSinceLastApplied(write.type, write.api_version, object);
    for (apply::Manager& m : applied.conflicts) m.fields = m.fields.Difference(allowed);
    std::erase_if(applied.conflicts, [](const apply::Manager& m) { return m.fields.empty(); });
    if (applied.conflicts.empty()) applied = apply::ApplyConfig(write, config, /*force=*/true, &object, &*managers);
  }
  if (!applied.conflicts.empty()) return ConflictError(applied.conflicts);
  if (manager.name == kKubectl) UpdateLastApplied(config, &object);
  PutManagedFields(*std::move(managers), &object);
  return object;
}

}  // namespace atoll::registry
