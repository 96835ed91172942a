// The root directory of a process family: one at a time, with a format version.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace atoll::config {

// Held for the life of the process.
class RootDirectory {
 public:
  // Creates `path` (0700) when it is missing, and locks it. Errors, each naming the directory and what to do:
  // PermissionDenied (cannot be written), FailedPrecondition (in use by another process, or written by a newer
  // version).
  static absl::StatusOr<std::unique_ptr<RootDirectory>> Open(const std::string& path);
  ~RootDirectory();

  const std::string& path() const { return path_; }
  std::string File(std::string_view name) const { return path_ + "/" + std::string(name); }

 private:
  RootDirectory(std::string path, int lock_fd) : path_(std::move(path)), lock_fd_(lock_fd) {}
  const std::string path_;
  const int lock_fd_;
};

}  // namespace atoll::config
