// OpenAPI documents from what a cluster serves (spec/api-machinery.md 1.9, 1.10). Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/json/value.h"
#include "shard/endpoints/openapi/schemas.h"
#include "shard/registry/resolver.h"

namespace atoll::endpoints {

// `api/v1`, `apis/apps/v1`: the key of a group-version in the v3 index.
std::string GroupVersionPath(const registry::ResourceDefinition& definition);
// In the order of the set, each once.
std::vector<std::string> GroupVersionPaths(const registry::Resolver::Set& set);
// The v3 document of one group-version, compact JSON.
std::string BuildOpenApiV3(const registry::Resolver::Set& set, std::string_view group_version_path);
// The v2 document of everything, compact JSON.
std::string BuildOpenApiV2(const registry::Resolver::Set& set);

// The name of a resource's schema: its own when it has one, else reversed group, version and kind.
std::string SchemaName(const registry::ResourceDefinition& definition);

}  // namespace atoll::endpoints
