// FileFollower: files that an operator may replace while the process runs (certificates, configuration). They are read
// again every few seconds, on a pool thread; when a content is new, it is handed over on the loop. What cannot be read
// for the moment (one of two files is being replaced) is left for the next time.
//
// Owned by whoever owns the loop; Start and Stop on the loop.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/loop/loop.h"
#include "common/loop/sync.h"

namespace atoll::config {

class FileFollower {
 public:
  struct Options {
    std::string what;  // in log lines
    std::vector<std::string> files;
    std::vector<std::string> contents;  // what the process uses already, in the order of `files`
    absl::Duration interval = absl::Seconds(5);
    // With the new contents. An error is logged, and these contents are not tried again.
    std::function<absl::Status(const std::vector<std::string>& contents)> changed;
  };
  // All of them outlive it.
  FileFollower(Loop& loop, BlockingPool& pool, Options options);
  ~FileFollower();
  void Start();
  Task<void> Stop();

 private:
  Task<void> Follow();
  Task<void> Pause();

  Loop& loop_;
  BlockingPool& pool_;
  Options options_;
  TaskGroup tasks_;
  Cancellation stop_;
};

}  // namespace atoll::config
