// Server-side apply (KEP-555; spec/api-machinery.md 5.5, 5.6): an applied configuration over the stored object, with
// Kubernetes' answers, and what kubectl's way from client-side apply needs. Pure functions.
#pragma once

#include "absl/status/statusor.h"
#include "common/json/value.h"
#include "shard/registry/managed_fields.h"

namespace atoll::registry {

// The object after `config` was applied by `manager`, with its managedFields; `live` null: there is none yet. Equal to
// `live` when nothing changed. Errors: BadRequest for another kind or version than the definition's and for
// managedFields in the configuration; a plain 500 for what does not fit the type; Conflict with a cause for each field
// that somebody else owns with another value, unless `force`.
absl::StatusOr<json::Value> ApplyConfiguration(const ResourceDefinition& definition, const FieldManager& manager,
                                               const json::Value* live, const json::Value& config, bool force);

}  // namespace atoll::registry
