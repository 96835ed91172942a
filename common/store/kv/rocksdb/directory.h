// What must be true of a directory before RocksDB opens it.
#pragma once

#include <string>

#include "absl/status/status.h"

namespace rocksdb {
class Env;
}

namespace atoll::store::kv {

inline constexpr int kFormatVersion = 1;

// Creates `directory` and its FORMAT file, or checks the one it finds. Errors: FailedPrecondition (newer version, or a
// database of something else), PermissionDenied, ResourceExhausted, Internal.
absl::Status PrepareDirectory(rocksdb::Env* env, const std::string& directory);

}  // namespace atoll::store::kv
