// Clusters: what this shard must know of its logical clusters on every request, in memory. About 200 bytes a cluster;
// derived from the LogicalCluster objects by following the log, rebuilt at start. Thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/json/value.h"
#include "common/path/path.h"

namespace atoll::registry {

enum class Phase : uint8_t { kScheduling, kInitializing, kReady, kUnavailable, kInactive, kTerminating, kDeleting };
const char* PhaseName(Phase phase);
Phase ParsePhase(std::string_view name);

struct ClusterInfo {
  Phase phase = Phase::kScheduling;
  bool deleting = false, inactive = false;
  std::string path;             // canonical path; the id when it has none
  std::string type;             // `root:universal`
  std::string required_groups;  // annotation authorization.kcp.io/required-groups
  std::vector<std::string>
      bound_exports;  // names of root's exports bound here, from the resource-bindings annotation; sorted
  std::string uid;
};

class Clusters {
 public:
  Clusters();
  ~Clusters();
  std::shared_ptr<const ClusterInfo> Find(const LogicalClusterId& id) const;  // null: not on this shard
  // From a LogicalCluster object as stored.
  void Put(const LogicalClusterId& id, const json::Value& logical_cluster);
  void Erase(const LogicalClusterId& id);
  size_t size() const;
  // Counts by phase, for metrics.
  std::vector<std::pair<Phase, size_t>> CountByPhase() const;
  std::vector<LogicalClusterId> Ids() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace atoll::registry
