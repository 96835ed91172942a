// Resources inside of custom resources (x-kubernetes-embedded-resource): they have apiVersion, kind and metadata as any
// object has, and these are judged as any object's (spec/api-machinery.md 7.3, 7.4). Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/api/errors.h"
#include "common/json/value.h"
#include "shard/registry/definition.h"

namespace atoll::registry {

// Removes members that metadata does not have and adds their paths to `unknown`. Errors: InvalidArgument with the text
// of a field error, for members of a wrong type.
absl::Status CoerceEmbedded(const ResourceDefinition& definition, json::Value* object,
                            std::vector<std::string>* unknown);

api::FieldErrors ValidateEmbedded(const schema::Schema& schema, const json::Value& object);

}  // namespace atoll::registry
