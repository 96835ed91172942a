// Tables: what kubectl prints (spec/api-machinery.md 6). Columns come from the resource's definition; this turns
// objects into rows.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/api/jsonpath.h"
#include "common/json/value.h"
#include "shard/endpoints/request_info.h"
#include "shard/registry/definition.h"

namespace atoll::endpoints {

enum class IncludeObject : uint8_t { kNone, kMetadata, kObject };
// Errors: BadRequest.
absl::StatusOr<IncludeObject> ParseIncludeObject(const Query& query);

// True when the definition's own columns have the name in them; else the table begins with one.
bool ColumnsHaveName(const registry::ResourceDefinition& definition);
// The `columnDefinitions` array as compact JSON.
std::string ColumnDefinitions(const registry::ResourceDefinition& definition);

struct RowOptions {
  IncludeObject include = IncludeObject::kMetadata;
  std::string_view meta_version = "v1";
  absl::Time now;
};
// Prints rows; parses the columns' paths once. The definition outlives it.
class RowPrinter {
 public:
  explicit RowPrinter(const registry::ResourceDefinition& definition);
  // Appends `{"cells":[...],"object":...}`. `object` is complete, with kind and apiVersion.
  void Append(const json::Value& object, const RowOptions& options, std::string* out) const;

 private:
  json::Value Cell(size_t at, const json::Value& object, absl::Time now) const;

  const registry::ResourceDefinition& definition_;
  std::vector<std::optional<api::JsonPath>> paths_;  // by column; null where a cell is computed
};

// Appends {"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/<v>","metadata":{...}}. `original_api_version`
// (wildcard requests) adds the annotation kcp.io/original-api-version.
void AppendPartialMetadata(const json::Value& object, std::string_view meta_version, bool original_api_version,
                           std::string* out);

}  // namespace atoll::endpoints
