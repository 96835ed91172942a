// Initializers and terminators: who must have been at work in a logical cluster before it is Ready, or before its
// content goes (spec/tenancy.md 2.3, 2.5, 2.8, 2.9). Both are alike but for their words.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "common/json/value.h"

namespace atoll::tenancy {

struct Lifecycle {
  std::string_view word;          // in messages, and in the group of who acts by declared permissions
  std::string_view list;          // member of a LogicalCluster's status: who is still to act
  std::string_view verb;          // on the WorkspaceType, for whom wants to act
  std::string_view permissions;   // member of a WorkspaceType's spec: rules for acting in the cluster
  std::string_view workspace;     // the virtual workspace below /services
  std::string_view label_prefix;  // of labels on LogicalClusters
};

inline constexpr Lifecycle kInitialization = {"initializer",
                                              "initializers",
                                              "initialize",
                                              "initializerPermissions",
                                              "initializingworkspaces",
                                              "initializer.internal.kcp.io/"};
inline constexpr Lifecycle kTermination = {"terminator",
                                           "terminators",
                                           "terminate",
                                           "terminatorPermissions",
                                           "terminatingworkspaces",
                                           "terminator.internal.kcp.io/"};

inline constexpr std::string_view kLogicalClusterName = "cluster";
inline constexpr std::string_view kTerminatorsFinalizer = "kcp.io/has-terminators";

// Key and value of the label by which clusters that wait for `id` are selected.
std::pair<std::string, std::string> LifecycleLabel(const Lifecycle& lifecycle, std::string_view id);

// Brings labels and finalizer in line with status.initializers and status.terminators. True when anything changed.
bool SetLifecycleMetadata(json::Value* logical_cluster);

}  // namespace atoll::tenancy
