#include "shard/endpoints/table.h"

#include <cmath>
#include <vector>

#include "common/api/duration.h"
#include "common/api/errors.h"
#include "common/api/object.h"
#include "common/base/strings.h"
#include "common/json/write.h"

namespace atoll::endpoints {
namespace {

constexpr std::string_view kNameDescription =
    "Name must be unique within a namespace. Is required when creating resources, although some resources may allow a "
    "client to request "
    "the generation of an appropriate name automatically.";

void AppendColumn(const registry::Column& column, std::string* out) {
  StrAppend(out, "{\"name\":");
  json::AppendQuoted(out, column.name);
  StrAppend(out, ",\"type\":");
  json::AppendQuoted(out, column.type);
  StrAppend(out, ",\"format\":");
  json::AppendQuoted(out, column.format);
  StrAppend(out, ",\"description\":");
  json::AppendQuoted(out, column.description);
  StrAppend(out, ",\"priority\":", column.priority, "}");
}

// A value as its column's type prints it; null on a mismatch.
json::Value Typed(const json::Value& v, const registry::Column& column, bool custom, absl::Time now) {
  // Dates of compiled-in types are printed as they are.
  if (column.age || (custom && column.type == "date"))
    return v.is_string() ? json::Value(api::HumanAge(v.string(), now)) : json::Value("<invalid>");
  if (column.type == "integer") {
    if (v.is_int()) return v;
    if (v.is_double() && std::abs(v.number_value()) < 9.2e18)
      return json::Value(static_cast<int64_t>(v.number_value()));
    return {};
  }
  if (column.type == "number") return v.is_number() ? v : json::Value();
  if (column.type == "boolean") return v.is_bool() ? v : json::Value();
  return v.is_string() ? v : json::Value(json::Write(v));
}

}  // namespace

bool ColumnsHaveName(const registry::ResourceDefinition& definition) {
  for (const auto& column : definition.columns) {
    if (column.format == "name") return true;
  }
  return false;
}

absl::StatusOr<IncludeObject> ParseIncludeObject(const Query& query) {
  std::string_view include = query.Get("includeObject");
  if (include.empty() || include == "Metadata") return IncludeObject::kMetadata;
  if (include == "None") return IncludeObject::kNone;
  if (include == "Object") return IncludeObject::kObject;
  return api::BadRequest(Cat("Unable to convert to Table as requested: includeObject: Invalid value: ",
                             api::GoQuote(include), ": must be 'Metadata', 'Object', 'None', or empty"));
}

std::string ColumnDefinitions(const registry::ResourceDefinition& definition) {
  std::string out = "[";
  if (!ColumnsHaveName(definition))
    AppendColumn({.name = "Name", .format = "name", .description = std::string(kNameDescription)}, &out);
  for (const auto& column : definition.columns) {
    if (out.size() > 1) out.push_back(',');
    AppendColumn(column, &out);
  }
  out.push_back(']');
  return out;
}

RowPrinter::RowPrinter(const registry::ResourceDefinition& definition) : definition_(definition) {
  for (const auto& column : definition.columns) {
    auto path = column.cell ? absl::StatusOr<api::JsonPath>(absl::NotFoundError("computed"))
                            : api::JsonPath::Parse(column.json_path);
    paths_.push_back(path.ok() ? std::optional<api::JsonPath>(*std::move(path)) : std::nullopt);
  }
}

json::Value RowPrinter::Cell(size_t at, const json::Value& object, absl::Time now) const {
  const registry::Column& column = definition_.columns[at];
  json::Value computed;
  if (column.cell) computed = column.cell(object);
  if (column.cell && !column.age) return computed;
  const json::Value* found = column.cell ? &computed : paths_[at] ? paths_[at]->First(object) : nullptr;
  const bool none =
      found == nullptr || found->is_null() || (column.age && found->is_string() && found->string().empty());
  if (none) return column.age ? json::Value("<unknown>") : json::Value();
  return Typed(*found, column, definition_.flavor == registry::Flavor::kCustom, now);
}

void RowPrinter::Append(const json::Value& object, const RowOptions& options, std::string* out) const {
  out->append("{\"cells\":[");
  bool first = true;
  if (!ColumnsHaveName(definition_)) {
    json::AppendQuoted(out, api::Name(object));
    first = false;
  }
  for (size_t i = 0; i < definition_.columns.size(); ++i) {
    if (!first) out->push_back(',');
    first = false;
    json::AppendTo(out, Cell(i, object, options.now));
  }
  out->append("],\"object\":");
  switch (options.include) {
    case IncludeObject::kNone:
      out->append("null");
      break;
    case IncludeObject::kMetadata:
      AppendPartialMetadata(object, options.meta_version, false, out);
      break;
    case IncludeObject::kObject:
      json::AppendTo(out, object);
      break;
  }
  out->push_back('}');
}

void AppendPartialMetadata(const json::Value& object, std::string_view meta_version, bool original_api_version,
                           std::string* out) {
  StrAppend(out, "{\"kind\":\"PartialObjectMetadata\",\"apiVersion\":\"meta.k8s.io/", meta_version, "\",\"metadata\":");
  const json::Value* metadata = object.Find("metadata");
  if (metadata == nullptr) {
    out->append("{}");
  } else if (original_api_version) {
    json::Value copy = json::Value::MakeObject();
    copy.object().Set("metadata", *metadata);
    api::SetAnnotation(&copy, "kcp.io/original-api-version", object.StringAt({"apiVersion"}));
    json::AppendTo(out, *copy.Find("metadata"));
  } else {
    json::AppendTo(out, *metadata);
  }
  out->push_back('}');
}

}  // namespace atoll::endpoints
