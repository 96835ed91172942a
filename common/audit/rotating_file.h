// RotatingFile: a log file that is set aside when it is full. One thread at a time.
//
// `dir/kcp.audit` becomes `dir/kcp-2026-01-02T15-04-05.000.audit` (UTC), as Kubernetes' operators know it; of these the
// newest `backups_max` stay, and none older than `age_max_days`. 0 means no bound for each of the three.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/base/clock.h"

namespace atoll::audit {

class RotatingFile {
 public:
  struct Options {
    std::string path;  // "-": standard output, never rotated
    size_t bytes_max = 100u << 20;
    int age_max_days = 366;
    int backups_max = 100;
    const Clock* clock = nullptr;
  };
  explicit RotatingFile(Options options) : options_(std::move(options)) {}
  ~RotatingFile();
  RotatingFile(const RotatingFile&) = delete;
  RotatingFile& operator=(const RotatingFile&) = delete;

  // Opens the file, making it (0600) and its folders (0700) when they are missing. Errors: the system's, with the path.
  absl::Status Open();
  // Appends lines, each with its end, whole lines to one file; opens it again after an error. Returns how many were
  // written; `error` says why not all.
  size_t Write(const std::vector<std::string_view>& lines, absl::Status* error);

 private:
  absl::Status Flush(std::string* chunk);
  absl::Status Rotate();
  void Prune() const;
  void Close();

  const Options options_;
  int fd_ = -1;
  size_t size_ = 0;
};

}  // namespace atoll::audit
