// OpenAPI documents from what a cluster serves (spec/api-machinery.md 1.9, 1.10). `definitions` hold what is
// named beside the resources (ObjectMeta, Status, DeleteOptions). Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/json/value.h"
#include "common/schema/load.h"
#include "shard/endpoints/openapi/schemas.h"
#include "shard/registry/resolver.h"

namespace atoll::endpoints {

// In the order of the set, each once.
std::vector<std::string> GroupVersionPaths(const registry::Resolver::Set& set);
// The v3 document of one group-version, compact JSON.
std::string BuildOpenApiV3(const schema::Definitions& definitions, const registry::Resolver::Set& set,
                           std::string_view group_version_path);
// The v2 document of everything.
json::Value BuildOpenApiV2(const schema::Definitions& definitions, const registry::Resolver::Set& set);

// The name of a resource's schema: its own when it has one, else reversed group, version and kind.
std::string SchemaName(const registry::ResourceDefinition& definition);

}  // namespace atoll::endpoints
