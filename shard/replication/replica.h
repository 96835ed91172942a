// Replica: this shard's copy of what the other shards published (Replication.Watch of the cache-server), kept in the
// shard's own store, so that it is there after a restart and while the cache-server is away.
//
//   "replica" \0 origin shard \0 resource.group \0 cluster \0 namespace \0 name \0   -> the object's JSON, with its
//   shard's resourceVersion "replica-position" \0                                                          -> the
//   cache's store id, a space, its revision
//
// A batch and its position are one transaction, before memory and readers see it. A reset replaces everything: what it
// did not bring goes when it is complete; until then the old content serves. The position is forgotten meanwhile, so an
// interrupted reset starts over.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "common/api/gvr.h"
#include "common/loop/loop.h"
#include "common/loop/sync.h"
#include "common/rpc/back_off.h"
#include "common/store/store.h"
#include "shard/authorization/chain.h"
#include "shard/tenancy/catalog.h"

namespace grpc {
class Channel;
}

namespace atoll::replication {

// Every key of the replica is in it.
std::string ReplicaScope();

// On one loop, but for Objects. Owned by the shard's server.
class Replica final : public authorization::ReplicaSource {
 public:
  struct Options {
    std::string shard;  // whose own objects are left out
    store::Store* store = nullptr;
    BlockingPool* pool = nullptr;
    tenancy::Catalog* catalog = nullptr;
    std::shared_ptr<grpc::Channel> cache;
    rpc::BackOff::Options back_off;
    std::function<void()> on_applied = [] {};  // on the loop, after each batch that was applied
  };
  Replica(Loop& loop, Options options);
  ~Replica() override;  // REQUIRES: Stop() has ended, or Start was not called.

  // Fills memory from the store. Before Start and before the shard is ready. Errors: those of the store, DataLoss.
  Task<absl::Status> Load();
  void Start();
  Task<void> Stop();
  // True once everything the cache held has been applied, in this life of the process.
  bool synced() const;

  std::shared_ptr<const authorization::RbacObjects> Objects(const LogicalClusterId& cluster) const override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace atoll::replication
