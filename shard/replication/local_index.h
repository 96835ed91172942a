// LocalIndex: keeps a shard's tables of itself from its own log: logical clusters, the workspace index, the catalogue.
//
//   logicalclusters -> registry::Clusters, WorkspaceIndex      workspaces -> WorkspaceIndex
//   workspacetypes, shards, apiexports, apiresourceschemas -> tenancy::Catalog
//
// Owned by the shard's server, on one loop. Load() reads all there is, before the shard is ready; what is written
// meanwhile follows.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "common/index/workspace_index.h"
#include "common/loop/loop.h"
#include "common/loop/sync.h"
#include "common/store/store.h"
#include "shard/registry/clusters.h"
#include "shard/tenancy/catalog.h"

namespace atoll::replication {

class LocalIndex {
 public:
  struct Options {
    std::string shard;
    store::Store* store = nullptr;
    BlockingPool* pool = nullptr;
    index::WorkspaceIndex* index = nullptr;
    registry::Clusters* clusters = nullptr;
    tenancy::Catalog* catalog = nullptr;
    // Told when somebody may lose a right by a change of the LogicalCluster itself. On the loop.
    std::function<void(const LogicalClusterId&)> restricted;
  };
  // All on `loop`, the destruction too.
  LocalIndex(Loop& loop, Options options);
  ~LocalIndex();  // REQUIRES: Stop() has ended, or Load was not called.

  // Errors: those of the store; DataLoss (an object that cannot be read: the shard must not serve).
  Task<absl::Status> Load();
  // After Load.
  void Start();
  Task<void> Stop();
  // OK while it follows. An error is final: the shard is no longer ready. Any thread.
  absl::Status status() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace atoll::replication
