// The schemas of the built-in resources, read once from the schema.json files beside their definitions.
#pragma once

#include "common/schema/load.h"

namespace atoll::resources {

// All definitions, of kinds and of what they are made of. Loaded at the first call; lives for the whole process.
// Thread-safe.
const schema::Definitions& BuiltinSchemas();
// The schema of a kind. REQUIRES: it is one of ours.
schema::SchemaPtr SchemaOf(const api::Gvk& gvk);

}  // namespace atoll::resources
