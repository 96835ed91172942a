// The subresource scale: an autoscaling/v1 Scale made of members of the object that the definition names, and written
// back to them (spec/api-machinery.md 3.9). Pure.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/json/value.h"
#include "shard/registry/definition.h"
#include "shard/storage/stored_object.h"

namespace atoll::registry {

inline constexpr std::string_view kScale = "scale";

// Null when it is not there.
const json::Value* AtPlace(const json::Value& object, const ScalePaths::Place& place);
// `x is of the type string`, as Go tells a wrong type.
std::string PrintedPlace(const json::Value& value);

// Errors: InternalError when the object says no number of replicas.
absl::StatusOr<json::Value> ScaleOf(const ResourceDefinition& definition, const json::Value& object);
// As it is sent, at the revision of its object.
storage::StoredObject SentScale(json::Value scale, store::Revision modified);

// Writes what `scale` says into `object`. Errors: BadRequest (wrong types), Invalid (negative replicas).
absl::Status WriteScale(const ResourceDefinition& definition, const json::Value& scale, json::Value* object);
// An apply configuration of a Scale as one of the object. Errors: BadRequest.
absl::StatusOr<json::Value> ScaleConfiguration(const ResourceDefinition& definition, const json::Value& scale);

}  // namespace atoll::registry
