#include "shard/registry/embedded.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "common/api/validation.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/schema/path.h"
#include "common/schema/schema.h"
#include "shard/registry/metadata.h"

namespace atoll::registry {
namespace {

using json::Value;
using schema::Path;
using schema::Schema;

// Calls `visit(resource, path)` for each embedded resource, outermost first; stops at an error.
template <class V, class Visit>
absl::Status Walk(const Schema& s, V& v, const Path& path, const Visit& visit) {
  if (!s.has_embedded) return absl::OkStatus();
  if (v.is_array()) {
    for (size_t i = 0; s.items != nullptr && i < v.array().size(); ++i)
      RETURN_IF_ERROR(Walk(*s.items, v.array()[i], Path{&path, {}, i}, visit));
    return absl::OkStatus();
  }
  if (!v.is_object()) return absl::OkStatus();
  if (s.embedded_resource) RETURN_IF_ERROR(visit(v, path));
  for (auto& [name, child] : v.object()) {
    const Schema* c = s.Property(name);
    if (c == nullptr) c = s.additional_properties.get();
    if (c != nullptr) RETURN_IF_ERROR(Walk(*c, child, Path{&path, name, 0}, visit));
  }
  return absl::OkStatus();
}

absl::Status Refused(const api::FieldError& e) { return absl::InvalidArgumentError(e.Line()); }

void Validate(const Value& resource, const Path& path, api::FieldErrors* errors) {
  const auto at = [&](std::string_view member) { return Path{&path, member, 0}.Text(); };
  for (std::string_view member : {"apiVersion", "kind"}) {
    const Value* v = resource.Find(member);
    if (v == nullptr) {
      errors->push_back(api::FieldRequired(at(member)));
    } else if (!v->is_string()) {
      errors->push_back(api::FieldInvalid(at(member), *v, "must be a string"));
    } else if (v->string().empty()) {
      errors->push_back(api::FieldInvalid(at(member), *v, "must not be empty"));
    } else if (member == "kind") {
      if (const auto wrong = api::CheckDns1035Label(absl::AsciiStrToLower(v->string())); !wrong.empty()) {
        errors->push_back(api::FieldInvalid(
            at(member), *v, StrCat("may have mixed case, but should otherwise match: ", StrJoin(wrong, ","))));
      }
    } else if (std::count(v->string().begin(), v->string().end(), '/') > 1) {
      errors->push_back(api::FieldInvalid(at(member), *v, StrCat("unexpected GroupVersion string: ", v->string())));
    }
  }
  const Value* metadata = resource.Find("metadata");
  if (metadata == nullptr || !metadata->is_object()) return;
  Value object = Value::MakeObject();
  object.object().Append("metadata", *metadata);
  // A template is named by whoever makes objects of it.
  if (object.StringAt({"metadata", "name"}).empty()) object.Ensure({"metadata"}).object().Set("name", "unnamed");
  const bool namespaced = !object.StringAt({"metadata", "namespace"}).empty();
  for (auto& e : api::ValidateObjectMeta(object, {api::NameRule::kPathSegment, namespaced})) {
    e.field = at(e.field);
    errors->push_back(std::move(e));
  }
}

}  // namespace

absl::Status CoerceEmbedded(const ResourceDefinition& definition, Value* object, std::vector<std::string>* unknown) {
  if (definition.schema == nullptr) return absl::OkStatus();
  return Walk(*definition.schema, *object, {}, [&](Value& resource, const Path& path) -> absl::Status {
    for (std::string_view member : {"apiVersion", "kind"}) {
      const Value* v = resource.Find(member);
      if (v != nullptr && !v->is_string())
        return Refused(api::FieldInvalid(Path{&path, member, 0}.Text(), *v, "must be a string"));
    }
    const Value* metadata = resource.Find("metadata");
    if (metadata == nullptr) return absl::OkStatus();
    if (absl::Status s = CheckMetadataTypes(definition, resource); !s.ok()) {
      std::string_view why = ToStd(s.message());
      const size_t json = why.find("json: ");
      return Refused(api::FieldInvalid(Path{&path, "metadata", 0}.Text(), *metadata,
                                       json == std::string_view::npos ? why : why.substr(json)));
    }
    for (const std::string& below : PruneMetadata(&resource)) unknown->push_back(Path{&path, below, 0}.Text());
    return absl::OkStatus();
  });
}

api::FieldErrors ValidateEmbedded(const Schema& schema, const Value& object) {
  api::FieldErrors errors;
  (void)Walk(schema, object, {}, [&](const Value& resource, const Path& path) {
    Validate(resource, path, &errors);
    return absl::OkStatus();
  });
  return errors;
}

}  // namespace atoll::registry
