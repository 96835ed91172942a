// The process_* metrics, read from /proc at scrape time.
#pragma once

namespace atoll::metrics {

struct ProcessStats {
  double cpu_seconds = 0;
  double resident_bytes = 0;
  double virtual_bytes = 0;
  double open_fds = 0;
  double max_fds = 0;
  double start_time_seconds = 0;  // since the epoch
};

ProcessStats ReadProcessStats();

}  // namespace atoll::metrics
