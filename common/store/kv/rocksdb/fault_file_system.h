// FaultFileSystem: files that run out of space, fail to sync, or forget what was not synced, when a test asks for it.
// Glue for .cc files: it includes RocksDB.
//
// A unit test owns one. A process makes one when ATOLL_DISK_FAULT names a file in its environment as it starts: what
// that file says at the moment of a write is what happens to it.
//
//   full    appends fail for want of space, and no space is free
//   sync    every sync is an I/O error
//   other words, or no such file: the disk works
//
// Thread-safe. Without the variable nothing of this is in the way of a write.
#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace atoll::store::kv {

enum class DiskFault : uint8_t { kNone, kFull, kSyncFails };

class FaultFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  // `fault` is asked at each append and sync, on any thread.
  explicit FaultFileSystem(std::function<DiskFault()> fault);

  // Cuts each file written so far to what was synced of it: what a power failure may leave. After the database is
  // closed.
  void DropUnsynced();

  const char* Name() const override { return "FaultFileSystem"; }
  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus GetFreeSpace(const std::string& path, const rocksdb::IOOptions& options, uint64_t* free_bytes,
                                 rocksdb::IODebugContext* debug) override;

 private:
  class File;

  void Synced(const std::string& path, uint64_t bytes);

  const std::function<DiskFault()> fault_;
  absl::Mutex mutex_;
  std::map<std::string, uint64_t> synced_bytes_ ABSL_GUARDED_BY(mutex_);
};

// The environment of a process that was started with ATOLL_DISK_FAULT, else null. Lives as long as the process.
rocksdb::Env* FaultEnvOfProcess();

}  // namespace atoll::store::kv
