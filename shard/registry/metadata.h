// metadata of objects on their way in: what the server owns, what it checks (spec/api-machinery.md 2.3 to 2.6).
#pragma once

#include <string>
#include <vector>

#include "common/api/errors.h"
#include "common/json/value.h"
#include "shard/registry/registry.h"

namespace atoll::registry {

inline constexpr std::string_view kOrphanFinalizer = "orphan";
inline constexpr std::string_view kForegroundFinalizer = "foregroundDeletion";

// Namespace and name of the body against those of the URL; fills what is missing, clears the namespace of
// cluster-scoped objects. `name` empty: not compared (create). Errors: BadRequest.
absl::Status ReconcileScope(const CallContext& ctx, std::string_view name, json::Value* object);

// Removes exact duplicates of owner references, with a warning.
void DedupOwnerReferences(json::Value* object, std::vector<std::string>* warnings);

// Wrong types of metadata's members, in Go's words, so that nothing behind needs to look twice. Errors: BadRequest.
absl::Status CheckMetadataTypes(const ResourceDefinition& definition, const json::Value& object);

// Removes members that ObjectMeta does not have; returns their paths (`metadata.x`).
std::vector<std::string> PruneMetadata(json::Value* object);

// What common/api/validation.h says, with the name rule of the type.
api::FieldErrors ValidateMetadata(const ResourceDefinition& definition, const json::Value& object);
api::FieldErrors ValidateMetadataUpdate(const ResourceDefinition& definition, const json::Value& object,
                                        const json::Value& old);

// Warnings for finalizers of custom resources that are not domain-qualified; `old` null on create.
void WarnOfFinalizers(const json::Value& object, const json::Value* old, std::vector<std::string>* warnings);

}  // namespace atoll::registry
