// CustomResourceFollower: keeps CustomResources what the store says, by following the log of definitions.
//
// Owned by the shard's server, on one loop. Load() reads all there is, before the shard is ready.
#pragma once

#include <memory>

#include "absl/status/status.h"
#include "common/loop/loop.h"
#include "common/loop/sync.h"
#include "common/store/store.h"
#include "shard/dynamic/custom_resources.h"

namespace atoll::dynamic {

class CustomResourceFollower {
 public:
  // All on `loop`, the destruction too. What is passed outlives it.
  CustomResourceFollower(Loop& loop, store::Store* store, BlockingPool* pool, CustomResources* custom);
  ~CustomResourceFollower();  // REQUIRES: Stop() has ended, or Load was not called.

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

}  // namespace atoll::dynamic
