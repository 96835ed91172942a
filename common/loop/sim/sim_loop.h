// The simulated loop: a virtual clock, a queue, and a network in memory. Runs only inside the calls below, on the
// calling thread, so a test or a simulation decides when anything happens, and the same seed gives the same run.
//
// Post is thread-safe, as on the real loop, so that worker threads may answer; everything else belongs to the owning
// thread.
#pragma once

#include <functional>
#include <memory>

#include "common/loop/loop.h"
#include "common/loop/sim/sim_net.h"

namespace atoll {

class SimLoop final : public Loop {
 public:
  explicit SimLoop(uint64_t seed = 1);
  ~SimLoop() override;

  // Runs everything that can run without time passing. True when anything ran.
  bool RunUntilIdle();
  // Lets `by` pass: runs what is ready, then each timer at its time.
  void Advance(absl::Duration by);
  // Runs until `done()` or nothing is left to run, jumping from timer to timer, for at most `limit` of virtual time.
  // True when done.
  bool RunUntil(const std::function<bool()>& done, absl::Duration limit = absl::Hours(1));
  // As RunUntil, but for work that other threads finish: blocks while there is nothing to run. Time does not pass.
  void RunWithThreads(const std::function<bool()>& done);
  // Spawns `task` and runs until it ends, letting virtual time pass as needed. An exception of the task is rethrown.
  // CHECKs that it ends.
  void RunBlocking(Task<void> task);
  // From here on posted functions are destroyed unrun.
  void Stop();

  void Post(Function fn) override;
  TimerId After(absl::Duration delay, Function fn) override;
  void Cancel(TimerId id) override;
  const Clock& clock() const override;
  Random& random() override;
  SimNet& net() override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace atoll
