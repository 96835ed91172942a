// Where a gRPC thread hands the end of an operation to the coroutine that waits for it on its loop. One operation at a
// time.
#pragma once

#include <optional>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "common/loop/sync.h"

namespace atoll::rpc::internal {

class OpSlot {
 public:
  // On the loop, before the operation starts.
  Completion<bool> Arm() {
    Completion<bool> done;
    absl::MutexLock lock(&mutex_);
    current_ = done;
    return done;
  }
  // From gRPC's callback.
  void Fire(bool ok) {
    std::optional<Completion<bool>> done;
    {
      absl::MutexLock lock(&mutex_);
      done = std::exchange(current_, std::nullopt);
    }
    if (done) done->Set(ok);
  }

 private:
  absl::Mutex mutex_;
  std::optional<Completion<bool>> current_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace atoll::rpc::internal
