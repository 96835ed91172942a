// IndexService: gRPC WorkspaceIndex of a shard (proto/index): all its workspaces and logical clusters, then their
// changes.
//
// One feed a follower, on one loop; one batch (at most 1,000 changes) is in memory at a time, and HTTP/2's window holds
// back the next.
#pragma once

#include <memory>
#include <string>

#include "common/loop/loop.h"
#include "common/loop/sync.h"
#include "common/store/store.h"

namespace grpc {
class Service;
}

namespace atoll::replication {

// Stop the rpc::Server before the loop; destroy after both. Streams end with Cancelled when the store stops.
class IndexService {
 public:
  struct Options {
    std::string shard;
    store::Store* store = nullptr;
    BlockingPool* pool = nullptr;
    Loop* loop = nullptr;
    absl::Duration heartbeat =
        absl::Minutes(1);  // an empty batch, so that an idle follower's position stays inside the log
  };
  explicit IndexService(Options options);
  ~IndexService();
  grpc::Service* service();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace atoll::replication
