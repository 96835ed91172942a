// The default APIBindings of a workspace, as objects with the status of a finished binding.
//
// What root's own exports offer (tenancy.kcp.io, topology.kcp.io, ...) is compiled in, so binding them needs no schema:
// the objects state what the workspace serves, and their names stand in the LogicalCluster's annotation that Clusters
// and the Resolver go by.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/json/value.h"
#include "common/path/path.h"
#include "shard/tenancy/catalog.h"

namespace atoll::tenancy {

inline constexpr std::string_view kResourceBindingsAnnotation = "internal.apis.kcp.io/resource-bindings";

// One (path, export) pair for each distinct default binding of `expanded` types, in their order.
struct DefaultBinding {
  std::string path, export_name;
  friend bool operator==(const DefaultBinding&, const DefaultBinding&) = default;
};
std::vector<DefaultBinding> DefaultBindingsOf(const std::vector<TypePtr>& expanded);

// The APIBinding object named `name` in a cluster with canonical path `cluster_path`.
json::Value NewBoundBinding(std::string_view name, std::string_view cluster_path, const ExportInfo& of_root,
                            absl::Time now);

// The value of kResourceBindingsAnnotation for `bindings` (binding name, export), sorted by resource.
std::string ResourceBindings(const std::vector<std::pair<std::string, ExportInfo>>& bindings);

}  // namespace atoll::tenancy
