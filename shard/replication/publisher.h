// Publisher: sends what of this shard the fleet must know to the cache-server (Replication.Publish), for ever.
//
// waiting (back-off) ──open, hello──► acknowledged: resume, or all with reset ──► batch ⇄ acknowledgement …  ──stream
// ends──► waiting
//
// At most one batch is not acknowledged. Owned by the shard's server; one loop. A cache-server that is away costs a
// retry every few seconds and nothing else.
#pragma once

#include <memory>
#include <string>

#include "common/loop/loop.h"
#include "common/loop/sync.h"
#include "common/rpc/back_off.h"
#include "common/store/store.h"

namespace grpc {
class Channel;
}

namespace atoll::replication {

class Publisher {
 public:
  struct Options {
    std::string shard;
    store::Store* store = nullptr;
    BlockingPool* pool = nullptr;
    std::shared_ptr<grpc::Channel> cache;
    rpc::BackOff::Options back_off;
    absl::Duration heartbeat =
        absl::Minutes(1);  // an empty batch, so that the acknowledged position stays inside the log
  };
  Publisher(Loop& loop, Options options);
  ~Publisher();  // REQUIRES: Stop() has ended, or Start was not called.
  // All on `loop`.
  void Start();
  Task<void> Stop();
  // Any thread: up to which revision the cache has everything; 0 while it does not.
  store::Revision acknowledged() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace atoll::replication
