// What happens to a body between the parser and the strategy: types, unknown fields, defaults
// (spec/api-machinery.md 3.2).
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/json/value.h"
#include "shard/registry/registry.h"

namespace atoll::registry {

struct DecodeOptions {
  WriteOptions::FieldValidation field_validation = WriteOptions::FieldValidation::kWarn;
  std::vector<std::string> duplicates;  // repeated keys that the parser saw
  // The result of a patch: violations are answered as 422 of the field `patch` instead of 400.
  bool patched = false;
  std::vector<std::string> patch_lines;  // violations in the patch itself, in words
  std::string patch_text;                // what such an answer prints; empty: the object
};

// Checks types, reports or refuses unknown and repeated fields, prunes, applies the schema's and the
// strategy's defaults; an object of a compiled-in type gets the form in which Kubernetes would write it. Idempotent.
absl::Status DecodeObject(const ResourceDefinition& definition, const DecodeOptions& options,
                          std::vector<std::string>* warnings, json::Value* object);

}  // namespace atoll::registry
