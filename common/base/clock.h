// The only source of time. Code that needs time takes a Clock&, so that tests and the simulation can stand in for it.
#pragma once

#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace atoll {

class Clock {
 public:
  virtual ~Clock() = default;
  // Wall clock; may jump. For timestamps, certificates and tokens.
  virtual absl::Time Now() const = 0;
  // Never goes back; has no relation to the wall. For deadlines and durations.
  virtual absl::Duration Monotonic() const = 0;
};

// The machine's clocks. Thread-safe, lives for the whole process.
const Clock& SystemClock();

// A clock that moves only when told to. Thread-safe.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(absl::Time start = absl::FromUnixSeconds(1'700'000'000)) : now_(start) {}
  absl::Time Now() const override;
  absl::Duration Monotonic() const override;
  void Advance(absl::Duration by);

 private:
  mutable absl::Mutex mutex_;
  absl::Time now_ ABSL_GUARDED_BY(mutex_);
  absl::Duration monotonic_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace atoll
