// metadata.managedFields of a write: who set what (spec/api-machinery.md 5.7). Pure functions; the rules themselves are
// common/apply's.
#pragma once

#include <optional>
#include <string_view>

#include "absl/time/time.h"
#include "common/apply/managers.h"
#include "common/apply/update.h"
#include "common/json/value.h"
#include "shard/registry/definition.h"

namespace atoll::registry {

struct FieldManager {
  std::string_view name;
  std::string_view subresource;  // "" for the main resource
  absl::Time now;
};

// Sets `object`'s managedFields for a create (`live` null), update or non-apply patch by `manager`. The body's own list
// is honoured on the main resource: an empty one, or one empty entry, resets tracking; an object that is not tracked
// stays so. Malformed lists count as none.
void TrackUpdate(const ResourceDefinition& definition, const FieldManager& manager, const json::Value* live,
                 json::Value* object);

// True when two lists differ in times only (or not at all).
bool SameButForTimes(const json::Value* a, const json::Value* b);

// For apply_patch.cc.
apply::Write WriteOf(const ResourceDefinition& definition, const schema::SchemaPtr& schema,
                     const FieldManager& manager);
// What every object of the type has before anybody writes it; owned by nobody.
json::Value NewObject(const ResourceDefinition& definition);
// Takes the list out of an object; null when it has none.
json::Value TakeManagedFields(json::Value* object);
void PutManagedFields(apply::Managers managers, json::Value* object);

}  // namespace atoll::registry
