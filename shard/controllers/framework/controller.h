// Controller: reconciles one kind of thing, fed by the store's log. ControllerRunner (runner.h) drives it.
//
// Keys are the controller's own (usually the store key of the object) and say all that a reconcile needs: a key that
// was pending when the process died is reconciled by the next one, which knows nothing else of it. So a controller
// keeps no state that only events build; what it must know it reads.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/loop/task.h"
#include "common/store/types.h"

namespace atoll::controllers {

// What a reconcile answers: done, or run again after a time. A time to look again outlives the process: the next one
// looks at once.
struct Result {
  absl::Duration requeue_after = absl::InfiniteDuration();
  std::vector<std::string> also;  // keys to reconcile because of this one
};

class Controller {
 public:
  virtual ~Controller() = default;
  // The queue's name in logs and in workqueue_* metrics, and the cursor's: kcp's where kcp has the same controller.
  virtual std::string name() const = 0;
  // Store scopes to follow.
  virtual std::vector<std::string> scopes() const = 0;
  // To be raised when NeedsWork or OnEvent wants more than before: then the next start scans once.
  virtual int version() const { return 1; }
  // Keys to reconcile because of an event. Cheap; no I/O. Called once or more for each event, in order: a new process
  // sees again what an old one may not have finished.
  virtual void OnEvent(const store::Event& event, std::vector<std::string>* keys) = 0;
  // The same for an object that a scan found. Scans are rare (the first start, a log that was trimmed too far): most
  // starts go on where the last process was and call this for nothing. Thread-safe: runs on the blocking pool.
  virtual void NeedsWork(std::string_view store_key, std::string_view value, std::vector<std::string>* keys) const = 0;
  virtual Task<absl::StatusOr<Result>> Reconcile(std::string key) = 0;
};

}  // namespace atoll::controllers
