// LogBackend: audit events as lines of a file. Events wait in one bounded list for one writer thread, which takes all
// that wait at once; no loop ever touches the file.
#pragma once

#include <memory>

#include "common/audit/backend.h"
#include "common/audit/metrics.h"
#include "common/audit/rotating_file.h"

namespace atoll::audit {

class LogBackend final : public Backend {
 public:
  struct Options {
    RotatingFile::Options file;
    size_t events_max = 10'000;           // that wait
    size_t bytes_max = size_t{64} << 20;  // that wait, over all of them
    Metrics* metrics = nullptr;
  };
  // Errors: those of RotatingFile::Open.
  static absl::StatusOr<std::unique_ptr<LogBackend>> Create(Options options);
  ~LogBackend() override;  // Writes what waits.
  void Submit(Line line, Stored stored) override;

 private:
  struct Impl;
  explicit LogBackend(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
  BlockingPool writer_;
};

}  // namespace atoll::audit
