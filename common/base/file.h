// Small files, whole. For configuration, keys and kubeconfigs; blocking, so not from a loop once it serves.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace atoll {

// Errors: NotFound, PermissionDenied, FailedPrecondition (a directory), OutOfRange (longer than `bytes_max`),
// Unavailable (I/O).
absl::StatusOr<std::string> ReadFile(const std::string& path, size_t bytes_max = size_t{64} << 20);

// Readers see the old or the new content, never a part, and it is on disk when this returns. The new file has exactly
// `mode`.
absl::Status WriteFileAtomic(const std::string& path, std::string_view bytes, mode_t mode = 0644);

// The directory and its missing parents, each with `mode` less the umask. Existing ones are left as they are.
absl::Status MakeDirectories(const std::string& path, mode_t mode = 0755);

}  // namespace atoll
