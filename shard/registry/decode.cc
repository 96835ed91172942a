#include "shard/registry/decode.h"

#include <algorithm>

#include "absl/strings/str_join.h"
#include "common/api/errors.h"
#include "common/base/strings.h"
#include "common/json/write.h"
#include "common/schema/schema.h"
#include "shard/registry/embedded.h"
#include "shard/registry/metadata.h"
#include "shard/registry/strategy.h"

namespace atoll::registry {

namespace {

using json::Value;

std::string CannotBeHandled(const ResourceDefinition& d, std::string_view why) {
  return StrCat(d.kind, " in version \"", d.gvr.version, "\" cannot be handled as a ", d.kind, ": ", why);
}

// A patch's result is printed as Kubernetes' patch libraries leave it: the object's members sorted, those of a
// compiled-in type's metadata in their order.
std::string PatchedText(const ResourceDefinition& d, const Value& object) {
  json::Object sorted = object.object();
  sorted.SortByKey();
  Value* metadata = sorted.Find("metadata");
  const schema::Schema* type = d.schema == nullptr ? nullptr : d.schema->Property("metadata");
  if (d.flavor == Flavor::kTyped && type != nullptr && metadata != nullptr && metadata->is_object()) {
    const auto place = [&](std::string_view name) {
      return std::find_if(type->properties.begin(), type->properties.end(),
                          [&](const auto& property) { return property.first == name; }) -
             type->properties.begin();
    };
    std::stable_sort(metadata->object().begin(), metadata->object().end(),
                     [&](const auto& a, const auto& b) { return place(a.first) < place(b.first); });
  }
  return json::Write(Value(std::move(sorted)));
}

absl::Status Refuse(const ResourceDefinition& d, const DecodeOptions& options, const Value& object,
                    std::string_view why) {
  if (!options.patched) return api::BadRequest(CannotBeHandled(d, why));
  return api::Invalid(
      {}, "",
      {api::FieldInvalid("patch", options.patch_text.empty() ? PatchedText(d, object) : options.patch_text, why)});
}

// Members that every object has lie outside a custom resource's schema.
struct Envelope {
  explicit Envelope(Value* object, bool open) : object_(open ? object : nullptr) {
    if (object_ == nullptr) return;
    for (size_t i = 0; i < 3; ++i) {
      if (Value* member = object_->Find(kNames[i]); member != nullptr) {
        members_[i] = std::move(*member);
        present_[i] = true;
        object_->object().Erase(kNames[i]);
      }
    }
  }
  ~Envelope() {
    if (object_ == nullptr) return;
    for (size_t i = 0; i < 3; ++i) {
      object_->object().Erase(kNames[i]);
      if (present_[i]) object_->object().Append(std::string(kNames[i]), std::move(members_[i]));
    }
  }
  static constexpr std::string_view kNames[] = {"apiVersion", "kind", "metadata"};
  Value* object_;
  Value members_[3];
  bool present_[3] = {};
};

}  // namespace

absl::Status DecodeObject(const ResourceDefinition& d, const DecodeOptions& options, std::vector<std::string>* warnings,
                          Value* object) {
  using Validation = WriteOptions::FieldValidation;
  if (!object->is_object()) return api::BadRequest(CannotBeHandled(d, "the body is no object"));
  if (d.schema != nullptr && d.flavor == Flavor::kTyped) {
    if (absl::Status s = schema::CheckTypes(*d.schema, *object, d.kind); !s.ok())
      return Refuse(d, options, *object, ToStd(s.message()));
  }
  if (absl::Status s = CheckMetadataTypes(d, *object); !s.ok()) {
    if (!options.patched) return s;
    // The same words, without the frame of a create.
    std::string_view why = ToStd(s.message());
    const size_t at = why.find("json: ");
    return Refuse(d, options, *object, at == std::string_view::npos ? why : why.substr(at));
  }
  const bool custom = d.flavor == Flavor::kCustom;
  std::vector<std::string> unknown;
  {
    Envelope envelope(object, custom);
    if (d.schema != nullptr) {
      unknown = schema::UnknownFields(*d.schema, *object);
    }
  }
  if (custom || d.schema == nullptr) {
    std::vector<std::string> of_metadata = PruneMetadata(object);
    unknown.insert(unknown.begin(), of_metadata.begin(), of_metadata.end());
    if (custom) {
      if (absl::Status embedded = CoerceEmbedded(d, object, &unknown); !embedded.ok())
        return Refuse(d, options, *object, ToStd(embedded.message()));
      std::sort(unknown.begin(), unknown.end());
    }
  }
  if ((!unknown.empty() || !options.duplicates.empty() || !options.patch_lines.empty()) &&
      options.field_validation != Validation::kIgnore) {
    std::vector<std::string> lines = options.patch_lines;
    for (const std::string& path : options.duplicates) lines.push_back(StrCat("duplicate field ", api::GoQuote(path)));
    for (const std::string& path : unknown) lines.push_back(StrCat("unknown field ", api::GoQuote(path)));
    if (options.field_validation == Validation::kStrict) {
      return Refuse(d, options, *object, StrCat("strict decoding error: ", absl::StrJoin(lines, ", ")));
    }
    warnings->insert(warnings->end(), lines.begin(), lines.end());
  }
  if (d.schema != nullptr && custom) {
    Envelope envelope(object, true);
    if (!unknown.empty()) schema::Prune(*d.schema, object);
    schema::DropNulls(*d.schema, object);
    schema::ApplyDefaults(*d.schema, object);
  }
  d.strategy->Default(object);
  // Last, so that what the strategy filled in lies in its place too: equal objects have equal bytes.
  if (d.schema != nullptr && !custom) schema::Canonicalize(*d.schema, object);
  return absl::OkStatus();
}

}  // namespace atoll::registry
