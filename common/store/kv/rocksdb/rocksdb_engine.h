// RocksDB: one database, one column family a space, a write-ahead log that is synced by Apply(sync).
//
// Directory: RocksDB's own files and FORMAT ("atoll-store <version>\n", written before the first of them). Opening
// refuses a version newer than it knows, a directory another process holds, and a write-ahead log damaged elsewhere
// than at its torn end.
#pragma once

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/store/kv/engine.h"

namespace rocksdb {
class Status;
}

namespace atoll::store::kv {

absl::StatusOr<std::unique_ptr<Engine>> OpenRocksdbEngine(const EngineOptions& options);

// The one mapping of RocksDB's errors. `what` says what was tried.
absl::Status FromRocksdb(const rocksdb::Status& status, std::string_view what);

}  // namespace atoll::store::kv
