// The schema of ObjectMeta, for objects whose own schema does not describe their metadata (custom resources): list
// types and patch strategies of Kubernetes' published OpenAPI.
#pragma once

#include "common/schema/schema.h"
#include "shard/registry/definition.h"

namespace atoll::registry {

const schema::SchemaPtr& ObjectMetaSchema();

// The schema that managedFields of `definition`'s objects are computed with: its own, with metadata described.
schema::SchemaPtr TrackedSchema(const ResourceDefinition& definition);

}  // namespace atoll::registry
