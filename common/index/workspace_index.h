// WorkspaceIndex: path -> logical cluster -> shard, in memory. The front-proxy routes by it, a shard resolves local
// paths with it.
//
// Fed with changes per shard (a shard's own log locally, WorkspaceIndex.Watch remotely); each shard's part is replaced
// as a whole when its stream resets, and serves what it has meanwhile. About 150 bytes a workspace. Thread-safe: many
// readers, short writes.
//
// Rules (spec/tenancy.md 1.2, 4.3): the first word of a path is a logical cluster's name; each further word is a
// Workspace name inside the one before; `user:<name>` stands for that user's home cluster; workspaces in phase
// Scheduling do not exist yet; a mount ends a path.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/path/path.h"

namespace atoll::index {

struct WorkspaceEntry {
  std::string cluster;    // spec.cluster, "" until scheduled
  std::string phase;      // Workspace status.phase
  std::string mount_url;  // spec.URL of a mount
  bool mount = false;
};

struct ClusterEntry {
  std::string phase;
  std::string type;  // `root:universal`
  std::string path;
};

struct Resolution {
  enum class Kind : uint8_t { kFound, kUnavailable, kMount, kUnknown };
  Kind kind = Kind::kUnknown;
  LogicalClusterId cluster;  // kFound
  std::string shard;         // kFound: where it lives; "" when no shard has announced the cluster yet
  std::string mount_url;     // kMount
};

class WorkspaceIndex {
 public:
  WorkspaceIndex();
  ~WorkspaceIndex();

  void PutWorkspace(std::string_view shard, std::string_view parent_cluster, std::string_view name,
                    WorkspaceEntry entry);
  void EraseWorkspace(std::string_view shard, std::string_view parent_cluster, std::string_view name);
  void PutCluster(std::string_view shard, std::string_view cluster, ClusterEntry entry);
  void EraseCluster(std::string_view shard, std::string_view cluster);
  // Forgets all that `shard` announced.
  void DropShard(std::string_view shard);
  // A shard announces its state anew: between the two, what was known goes on resolving and what is Put is added;
  // EndReplace forgets what was not Put since. A BeginReplace without its end (the stream broke) is begun again.
  void BeginReplace(std::string_view shard);
  void EndReplace(std::string_view shard);

  Resolution Resolve(const WorkspacePath& path) const;
  // The shard that announced `cluster`, or "".
  std::string ShardOf(std::string_view cluster) const;
  // Logical clusters a shard, for metrics.
  std::vector<std::pair<std::string, size_t>> CountByShard() const;
  // Workspaces by phase, of all shards.
  std::vector<std::pair<std::string, size_t>> CountByPhase() const;
  size_t workspaces() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace atoll::index
