// metadata.managedFields for create, update and non-apply patches: who set what (spec/api-machinery.md 5.7). Pure
// functions.
#pragma once

#include <string_view>

#include "absl/time/time.h"
#include "common/json/value.h"
#include "shard/registry/definition.h"

namespace atoll::registry {

struct FieldManager {
  std::string_view name;
  std::string_view subresource;  // "" for the main resource
  absl::Time now;
};

// Sets `object`'s managedFields for a write by `manager` over `live` (null: a create). What changed or appeared moves
// to the manager's Update entry, what disappeared leaves all entries. The body's own list is honoured: an empty one, or
// one empty entry, resets tracking, and an object that is not tracked stays so. At most 10 Update entries; the oldest
// are merged into `ancient-changes`.
void TrackUpdate(const ResourceDefinition& definition, const FieldManager& manager, const json::Value* live,
                 json::Value* object);

// True when two lists differ in times only (or not at all).
bool SameButForTimes(const json::Value* a, const json::Value* b);

}  // namespace atoll::registry
