#include "shard/registry/selectors.h"

#include <algorithm>

#include "common/base/status.h"
#include "common/json/parse.h"
#include "shard/registry/registry_impl.h"
#include "shard/storage/json_scan.h"
#include "shard/storage/stored_object.h"

namespace atoll::registry {

namespace {

absl::Status CheckFields(const api::FieldSelector& selector, const ResourceDefinition& definition) {
  const auto& own = definition.selectable_fields;
  for (const auto& r : selector.requirements()) {
    if (r.field == "metadata.name" || r.field == "metadata.namespace") continue;
    if (std::find(own.begin(), own.end(), r.field) != own.end()) continue;
    // Kinds with fields of their own, and all custom resources, say it in other words than the plain ones.
    if (definition.flavor == Flavor::kCustom || !own.empty()) return api::UnsupportedFieldLabel(r.field);
    return api::UnknownFieldSelector(r.field);
  }
  return absl::OkStatus();
}

bool LabelsMatch(const api::LabelSelector& selector, std::string_view value) {
  if (selector.matches_everything()) return true;
  const std::string_view labels = storage::StoredObject::RawLabelsOf(value);
  // Neither keys nor values of labels can hold a character that JSON escapes.
  return selector.MatchesLabels([labels](std::string_view key) -> std::optional<std::string_view> {
    const auto quoted = storage::FindMember(labels, key);
    if (!quoted.has_value() || quoted->size() < 2) return std::nullopt;
    return quoted->substr(1, quoted->size() - 2);
  });
}

}  // namespace

std::string SelectableValue(std::string_view stored_json, std::string_view field) {
  std::string_view at = stored_json;
  while (!field.empty()) {
    const size_t dot = field.find('.');
    const auto member = storage::FindMember(at, field.substr(0, dot));
    if (!member.has_value()) return "";
    at = *member;
    field = dot == std::string_view::npos ? std::string_view() : field.substr(dot + 1);
  }
  if (at == "null") return "";
  if (!at.starts_with('"')) return std::string(at);
  const auto parsed = json::Parse(at);
  return parsed.ok() ? std::string(parsed->StringOr()) : "";
}

absl::StatusOr<Selection> Selection::Parse(std::string_view labels, std::string_view fields,
                                           const ResourceDefinition& definition, std::shared_ptr<const View> view) {
  Selection s;
  s.view_ = std::move(view);
  if (!labels.empty()) {
    ASSIGN_OR_RETURN(s.labels_, api::LabelSelector::Parse(labels));
  }
  if (!fields.empty()) {
    ASSIGN_OR_RETURN(s.fields_, api::FieldSelector::Parse(fields));
    RETURN_IF_ERROR(CheckFields(s.fields_, definition));
  }
  return s;
}

bool Selection::Matches(const ResourceDefinition& definition, std::string_view key, std::string_view value) const {
  return (view_ == nullptr || Shows(*view_, value)) && LabelsMatch(labels_, value) &&
         MatchesFields(definition, key, value);
}

bool Shows(const View& view, std::string_view value) {
  if (!LabelsMatch(view.selector, value)) return false;
  return !view.only_deleting ||
         storage::FindPath(storage::StoredObject::RawJsonOf(value), {"metadata", "deletionTimestamp"}).has_value();
}

bool Selection::MatchesFields(const ResourceDefinition& definition, std::string_view key,
                              std::string_view value) const {
  if (fields_.matches_everything()) return true;
  std::string_view ns, name;
  SplitNsName(key, &ns, &name);
  std::optional<storage::StoredObject> served;  // where the stored shape is another one
  return fields_.Matches([&](std::string_view field) {
    if (field == "metadata.name") return std::string(name);
    if (field == "metadata.namespace") return std::string(ns);
    if (!definition.from_stored && storage::HasShapeOf(definition, value))
      return SelectableValue(storage::StoredObject::RawJsonOf(value), field);
    if (!served) served = storage::StoredObject::InVersion(definition, std::string(value), {});
    return SelectableValue(served->RawJson(), field);
  });
}

}  // namespace atoll::registry
