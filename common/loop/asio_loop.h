// The real loop: an Asio io_context run by one thread. Timers run on the system's monotonic clock, whatever `clock` is.
#pragma once

#include <memory>
#include <string>

#include "common/loop/loop.h"

namespace atoll {

class AsioLoop final : public Loop {
 public:
  explicit AsioLoop(std::string name, const Clock& clock = SystemClock(), Random& random = SystemRandom());
  ~AsioLoop() override;  // Stops and joins.

  // Starts the thread. `name` shows in ps and in profiles.
  void Start();
  // Stops after the callback that runs now, joins the thread. What was still posted is destroyed. Not from the loop
  // itself.
  void Stop();

  void Post(Function fn) override;
  TimerId After(absl::Duration delay, Function fn) override;
  void Cancel(TimerId id) override;
  const Clock& clock() const override;
  Random& random() override;
  Net& net() override;

  // Runs `task` on the loop and blocks the calling thread until it ends, or the loop stops before it began. An
  // exception of the task is rethrown here. For main() and tests; not from a loop.
  void RunBlocking(Task<void> task);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace atoll
