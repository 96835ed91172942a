// The paths of OpenAPI documents: which operations a resource has, what they take and what they answer
// (spec/api-machinery.md 1.9). Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "common/json/value.h"
#include "shard/endpoints/openapi/schemas.h"
#include "shard/registry/definition.h"

namespace atoll::endpoints {

// Names of definitions that operations refer to beside those of resources.
inline constexpr const char* kMetaDefinitions[] = {"APIResourceList", "DeleteOptions", "ListMeta",  "ObjectMeta",
                                                   "Patch",           "Status",        "WatchEvent"};
std::string MetaDefinition(std::string_view name);

// Path items by path.
using Paths = std::map<std::string, json::Object>;

// `schema_name` is that of the resource's own schema; its list is `<schema_name>List`.
void AddPaths(OpenApiVersion version, const registry::ResourceDefinition& definition, const std::string& schema_name,
              Paths* paths);
// What stands at the root of a group-version of compiled-in types.
void AddGroupVersionPath(OpenApiVersion version, const registry::ResourceDefinition& definition, Paths* paths);

// `api/v1`, `apis/apps/v1`: the key of a group-version in the v3 index.
std::string GroupVersionPath(const registry::ResourceDefinition& definition);

}  // namespace atoll::endpoints
