// ReplicationService: gRPC Replication (proto/replication) over the partitions of one store.
#pragma once

#include <memory>

#include "absl/time/time.h"
#include "common/loop/loop.h"
#include "common/loop/sync.h"
#include "common/store/store.h"

namespace grpc {
class Service;
}

namespace atoll::cache_server {

// Calls run on one loop. Stop the rpc::Server before the loop; destroy after both.
class ReplicationService {
 public:
  struct Options {
    store::Store* store = nullptr;
    BlockingPool* pool = nullptr;
    Loop* loop = nullptr;
    absl::Duration heartbeat =
        absl::Minutes(1);  // an empty batch to idle watchers, so that their positions stay inside the log
  };
  explicit ReplicationService(Options options);
  ~ReplicationService();
  grpc::Service* service();

  // Calls under way. Any thread.
  int publishers() const;
  int watchers() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace atoll::cache_server
