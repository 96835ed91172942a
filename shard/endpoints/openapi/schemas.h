// Structural schemas to OpenAPI schema objects. Named nodes become references, so recursion ends; whoever writes a
// document follows the names collected. Pure.
#pragma once

#include <map>
#include <string>

#include "common/json/value.h"
#include "common/schema/schema.h"

namespace atoll::endpoints {

enum class OpenApiVersion : uint8_t { kV2, kV3 };

// The named schemas that were referenced, by name.
using References = std::map<std::string, const schema::Schema*>;

// `{"$ref":"#/components/schemas/<name>"}`, or `#/definitions/<name>`.
json::Value Reference(OpenApiVersion version, std::string_view name);

// `definition`: this node is written out though it has a name. v2 leaves out what its readers do not digest:
// alternatives, nullable, defaults.
json::Value SchemaObject(OpenApiVersion version, const schema::Schema& schema, bool definition, References* references);

}  // namespace atoll::endpoints
