// From a CustomResourceDefinition to what the server needs of it. Compiled once for each distinct content: whatever the
// number of workspaces that define the same, they share one (interned.h).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/json/value.h"
#include "shard/registry/registry.h"

namespace atoll::dynamic {

// Immutable, thread-safe.
struct Compiled {
  std::string content;  // hash of everything it was made from
  api::GroupResource resource;
  std::string kind, list_kind, singular;  // as accepted, with short_names: names that no other definition may take
  std::vector<std::string> short_names;
  std::vector<registry::DefinitionPtr> served;  // the preferred version first
  registry::DefinitionPtr stored;               // in the storage version, served or not
};
using CompiledPtr = std::shared_ptr<const Compiled>;

// True when its resource is to be served: its names were accepted once.
bool IsServed(const json::Value& crd);

// SHA-256 of group, accepted names, scope, versions and whether it is being deleted: nothing that differs between two
// workspaces with the same definition.
std::string ContentOf(const json::Value& crd);

// Errors: InvalidArgument when the definition is none that validation would have let pass.
absl::StatusOr<CompiledPtr> Compile(const json::Value& crd, std::string content);

}  // namespace atoll::dynamic
