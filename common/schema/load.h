// From OpenAPI-like JSON to Schema nodes. One dialect for our own files and for custom resources:
//   type, format, description, nullable, default, enum, pattern, min/max..., required, properties,
//   additionalProperties, items, allOf, anyOf, oneOf, not,
//   x-kubernetes-{list-type,list-map-keys,map-type,int-or-string,preserve-unknown-fields,embedded-resource,patch-strategy,
//   patch-merge-key,group-version-kind,validations}
// and, in our own files only, `$ref` to a definition by name (with `default`, `description` and the list and patch
// keywords beside it), x-atoll-compiled-in, x-atoll-opaque, x-atoll-object-form and x-atoll-keep-empty
// (schema.h). Other keywords are
// ignored, as Kubernetes does.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/schema/schema.h"

namespace atoll::schema {

// Named schemas that may refer to each other. A SchemaPtr from here keeps all of them alive. Immutable, thread-safe.
class Definitions {
 public:
  // Each file is one JSON object of name -> schema. Errors: InvalidArgument naming the definition (bad JSON, unknown
  // reference, repeated name, pattern that RE2 refuses).
  static absl::StatusOr<Definitions> Load(const std::vector<std::string_view>& files);

  SchemaPtr Find(std::string_view name) const;  // null: there is none
  // The definition of a kind, by its x-kubernetes-group-version-kind.
  SchemaPtr FindKind(const api::Gvk& gvk) const;
  std::vector<std::string> Names() const;

 private:
  struct Arena;
  std::shared_ptr<const Arena> arena_;
};

// One schema without references, as a custom resource definition carries it. Errors: InvalidArgument with the path
// inside the schema.
absl::StatusOr<SchemaPtr> LoadSchema(const json::Value& openapi);

}  // namespace atoll::schema
