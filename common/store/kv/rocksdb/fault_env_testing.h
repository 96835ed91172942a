// A file system for tests that runs out of space, fails to sync, or forgets what was not synced, on demand. Only for
// tests.
#pragma once

#include <unistd.h>

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "rocksdb/env.h"
#include "rocksdb/file_system.h"

namespace atoll::store::testing {

class FaultFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  FaultFileSystem() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "FaultFileSystem"; }

  std::atomic<bool> full{false};        // appends fail, no space is free
  std::atomic<bool> sync_fails{false};  // every sync is an I/O error

  // Cuts each file written so far to what was synced of it: what a power failure may leave. After the database is
  // closed.
  void DropUnsynced() {
    absl::MutexLock lock(&mutex_);
    for (const auto& [path, synced] : synced_bytes_) {
      if (truncate(path.c_str(), static_cast<off_t>(synced)) != 0) continue;  // deleted or renamed since
    }
  }

  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override {
    rocksdb::IOStatus status = target()->NewWritableFile(path, options, file, debug);
    if (!status.ok()) return status;
    Synced(path, 0);
    *file = std::make_unique<File>(std::move(*file), path, this);
    return status;
  }
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override {
    absl::MutexLock lock(&mutex_);
    if (auto node = synced_bytes_.extract(from)) {
      synced_bytes_.erase(to);
      node.key() = to;
      synced_bytes_.insert(std::move(node));
    }
    return target()->RenameFile(from, to, options, debug);
  }
  rocksdb::IOStatus GetFreeSpace(const std::string& path, const rocksdb::IOOptions& options, uint64_t* free_bytes,
                                 rocksdb::IODebugContext* debug) override {
    if (!full) return target()->GetFreeSpace(path, options, free_bytes, debug);
    *free_bytes = 0;
    return rocksdb::IOStatus::OK();
  }

 private:
  class File final : public rocksdb::FSWritableFileOwnerWrapper {
   public:
    File(std::unique_ptr<rocksdb::FSWritableFile> file, std::string path, FaultFileSystem* fs)
        : FSWritableFileOwnerWrapper(std::move(file)), path_(std::move(path)), fs_(fs) {}

    using FSWritableFileOwnerWrapper::Append;
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override {
      if (fs_->full) return rocksdb::IOStatus::NoSpace("injected");
      appended_ += data.size();
      return FSWritableFileOwnerWrapper::Append(data, options, debug);
    }
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             const rocksdb::DataVerificationInfo&, rocksdb::IODebugContext* debug) override {
      return Append(data, options, debug);
    }
    rocksdb::IOStatus Sync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
      if (fs_->sync_fails) return rocksdb::IOStatus::IOError("injected");
      fs_->Synced(path_, appended_);
      return FSWritableFileOwnerWrapper::Sync(options, debug);
    }
    rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
      return Sync(options, debug);
    }

   private:
    const std::string path_;
    FaultFileSystem* const fs_;
    uint64_t appended_ = 0;
  };

  void Synced(const std::string& path, uint64_t bytes) {
    absl::MutexLock lock(&mutex_);
    synced_bytes_[path] = bytes;
  }

  absl::Mutex mutex_;
  std::map<std::string, uint64_t> synced_bytes_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace atoll::store::testing
