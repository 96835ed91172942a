// The built-in workspace types and exports of root, as data.
#pragma once

#include <string>
#include <vector>

#include "common/json/value.h"

namespace atoll::bootstrap {

// WorkspaceType objects of root (spec/tenancy.md 2.4), with status; `virtual_workspace_urls` one a shard.
std::vector<json::Value> WorkspaceTypes(bool organization_and_team,
                                        const std::vector<std::string>& virtual_workspace_urls, const std::string& now);

struct ExportRow {
  const char* name;
  const char* group;
  std::vector<const char*> resources;
  bool local_maximal_permission_policy;
};
const std::vector<ExportRow>& Exports();
// The name of the APIResourceSchema of one resource: changes when the schema does, so clients must not hard-code it.
std::string SchemaName(std::string_view resource, std::string_view group);

}  // namespace atoll::bootstrap
