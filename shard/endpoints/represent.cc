#include "shard/endpoints/represent.h"

#include "common/api/errors.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "shard/storage/json_scan.h"

namespace atoll::endpoints {
namespace {

// As the reference's error names it: the type of its internal package.
std::string GoType(const registry::ResourceDefinition& d, bool list) {
  if (d.flavor == registry::Flavor::kCustom)
    return list ? "*unstructured.UnstructuredList" : "*unstructured.Unstructured";
  const std::string_view group = d.stored_as.resource.empty() ? d.gvr.group : d.stored_as.group;
  return Cat("*", group.empty() ? "core" : group.substr(0, group.find('.')), ".", list ? d.list_kind : d.kind);
}

}  // namespace

absl::StatusOr<Representer> Representer::For(const Call& call, absl::Time now) {
  Representer r;
  r.definition_ = call.definition.get();
  r.representation_ = call.representation;
  r.wildcard_ = call.cluster.wildcard;
  r.row_.now = now;
  r.row_.meta_version = call.representation.meta_version;
  r.metadata_last_ = call.representation.as == As::kObject && call.definition->flavor == registry::Flavor::kCustom;
  if (r.table()) {
    ASSIGN_OR_RETURN(r.row_.include, ParseIncludeObject(call.info.query));
    r.rows_ = std::make_shared<RowPrinter>(*call.definition);
  }
  return r;
}

absl::Status Representer::AppendObject(const storage::StoredObject& object, std::string* out) const {
  switch (representation_.as) {
    case As::kObject:
      object.AppendJson(out);
      return absl::OkStatus();
    case As::kTable:
      return AppendTable(object, /*columns=*/true, out);
    case As::kPartialMetadata:
      return AppendPartial(object, out);
    case As::kPartialMetadataList:
      return api::NotAcceptable(Cat("you requested PartialObjectMetadataList, but the requested object is not a list (",
                                    GoType(*definition_, /*list=*/false), ")"));
  }
  return absl::InternalError("unknown representation");
}

absl::Status Representer::AppendPartial(const storage::StoredObject& object, std::string* out) const {
  if (wildcard_) {
    ASSIGN_OR_RETURN(json::Value value, object.Decode());
    AppendPartialMetadata(value, representation_.meta_version, /*original_api_version=*/true, out);
    return absl::OkStatus();
  }
  // A part of the object's text, as it stands.
  const std::string text = object.Json();
  StrAppend(out, "{\"kind\":\"PartialObjectMetadata\",\"apiVersion\":\"meta.k8s.io/", representation_.meta_version,
            "\",\"metadata\":", storage::FindMember(text, "metadata").value_or("{}"), "}");
  return absl::OkStatus();
}

absl::Status Representer::AppendEventObject(const storage::StoredObject& object, bool first, std::string* out) const {
  if (table()) return AppendTable(object, /*columns=*/first, out);
  return AppendObject(object, out);
}

absl::Status Representer::AppendTable(const storage::StoredObject& object, bool columns, std::string* out) const {
  ASSIGN_OR_RETURN(json::Value value, object.Decode());
  StrAppend(out, "{\"kind\":\"Table\",\"apiVersion\":\"meta.k8s.io/", representation_.meta_version,
            "\",\"metadata\":{");
  if (object.modified().value != 0) StrAppend(out, "\"resourceVersion\":\"", object.modified().value, "\"");
  StrAppend(out, "},\"columnDefinitions\":", columns ? ColumnDefinitions(*definition_) : "null", ",\"rows\":[");
  rows_->Append(value, row_, out);
  out->append("]}");
  return absl::OkStatus();
}

void Representer::AppendBookmark(store::Revision revision, bool initial_events_end, bool first,
                                 std::string* out) const {
  std::string metadata = Cat("{\"resourceVersion\":\"", revision.value, "\"");
  if (initial_events_end) metadata += ",\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}";
  metadata += "}";
  const std::string partial = Cat("{\"kind\":\"PartialObjectMetadata\",\"apiVersion\":\"meta.k8s.io/",
                                  representation_.meta_version, "\",\"metadata\":", metadata, "}");
  if (representation_.as == As::kPartialMetadata) {
    out->append(partial);
    return;
  }
  const api::Gvk gvk = definition_->gvk();
  const std::string plain =
      Cat("{\"kind\":\"", gvk.kind, "\",\"apiVersion\":\"", gvk.ApiVersion(), "\",\"metadata\":", metadata, "}");
  if (!table()) {
    out->append(plain);
    return;
  }
  // The row's object carries the marker, so it is there whatever includeObject says.
  StrAppend(out, "{\"kind\":\"Table\",\"apiVersion\":\"meta.k8s.io/", representation_.meta_version,
            "\",\"metadata\":{\"resourceVersion\":\"", revision.value,
            "\"},\"columnDefinitions\":", first ? ColumnDefinitions(*definition_) : "null", ",\"rows\":[{\"cells\":[");
  const size_t cells = (ColumnsHaveName(*definition_) ? 0 : 1) + definition_->columns.size();
  for (size_t i = 0; i < cells; ++i) out->append(i == 0 ? "\"\"" : ",null");
  StrAppend(out, "],\"object\":", row_.include == IncludeObject::kObject ? plain : partial, "}]}");
}

absl::Status Representer::AppendItem(const storage::StoredObject& object, std::string* out) const {
  switch (representation_.as) {
    case As::kObject:
      object.AppendJson(out, /*list_item=*/definition_->flavor == registry::Flavor::kTyped);
      return absl::OkStatus();
    case As::kTable: {
      ASSIGN_OR_RETURN(json::Value value, object.Decode());
      rows_->Append(value, row_, out);
      return absl::OkStatus();
    }
    case As::kPartialMetadataList:
      return AppendPartial(object, out);
    case As::kPartialMetadata:
      break;
  }
  return api::NotAcceptable(Cat("you requested PartialObjectMetadata, but the requested object is a list (",
                                GoType(*definition_, /*list=*/true), ")"));
}

api::Gvk Representer::ListKind() const {
  switch (representation_.as) {
    case As::kTable:
      return {"meta.k8s.io", representation_.meta_version, "Table"};
    case As::kPartialMetadataList:
      return {"meta.k8s.io", representation_.meta_version, "PartialObjectMetadataList"};
    default:
      return {definition_->gvr.group, definition_->gvr.version, definition_->list_kind};
  }
}

api::Gvk Representer::ItemKind() const {
  if (representation_.as == As::kObject) return definition_->gvk();
  return {"meta.k8s.io", representation_.meta_version, "PartialObjectMetadata"};
}

std::string Representer::ListHead() const {
  const api::Gvk gvk = ListKind();
  return metadata_last_ ? Cat("{\"apiVersion\":\"", gvk.ApiVersion(), "\"")
                        : Cat("{\"kind\":\"", gvk.kind, "\",\"apiVersion\":\"", gvk.ApiVersion(), "\"");
}

std::string Representer::AfterItems() const {
  return metadata_last_ ? Cat(",\"kind\":\"", definition_->list_kind, "\"") : "";
}

}  // namespace atoll::endpoints
