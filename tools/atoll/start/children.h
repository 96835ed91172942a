// Child processes: started, watched, restarted, stopped. Not thread-safe.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace atoll::cli {

class Children {
 public:
  // Writes `<pids_file>` (process name -> pid) at each change.
  explicit Children(std::string pids_file) : pids_file_(std::move(pids_file)) {}
  ~Children();  // Kills what is left.

  // Starts `arguments[0]`. A child dies with its parent.
  absl::Status Start(const std::string& name, std::vector<std::string> arguments);
  // Collects children that ended and starts those again whose pause is over. Returns when to call again.
  absl::Duration Tend(absl::Duration now);
  // SIGTERM to all, in reverse order of their start, SIGKILL to those that have not ended after `grace`.
  void Stop(absl::Duration grace);
  // How the child ended, "" while it runs.
  std::string Ended(const std::string& name) const;

 private:
  struct Child {
    std::vector<std::string> arguments;
    pid_t pid = 0;
    std::string ended;
    absl::Duration started, restart_at;
    int failures = 0;
  };
  absl::Status Spawn(const std::string& name, Child* child);
  void Reap(absl::Duration now);
  void WritePids() const;

  const std::string pids_file_;
  std::map<std::string, Child> children_;
  std::vector<std::string> order_;
};

}  // namespace atoll::cli
