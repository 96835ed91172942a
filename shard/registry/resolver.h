// Resolver: "group/version/resource in this logical cluster" -> definition. The one place that knows what is served
// where.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "shard/registry/registry.h"

namespace atoll::registry {

class Resolver {
 public:
  virtual ~Resolver() = default;
  // Null when the cluster does not serve it. Never blocks.
  virtual DefinitionPtr Find(const ClusterScope& cluster, const api::Gvr& gvr) const = 0;
  // All that the cluster serves, for discovery and OpenAPI, sorted by group order (spec/api-machinery.md 1.8), version,
  // resource. The pointer is the same for all clusters that serve the same set, so callers cache by it.
  using Set = std::vector<DefinitionPtr>;
  virtual std::shared_ptr<const Set> All(const ClusterScope& cluster) const = 0;
  // One definition, in the storage version, of each resource whose objects the cluster may hold, served or not. None
  // for what only views objects of others.
  virtual Set Stored(const ClusterScope& cluster) const { return {}; }
  // True when `group`/`version` belongs to a compiled-in group (decides which 404 a wrong resource gets).
  virtual bool IsBuiltinGroup(std::string_view group) const = 0;
};

}  // namespace atoll::registry
