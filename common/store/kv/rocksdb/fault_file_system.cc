#include "common/store/kv/rocksdb/fault_file_system.h"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <utility>

namespace atoll::store::kv {

class FaultFileSystem::File final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  File(std::unique_ptr<rocksdb::FSWritableFile> file, std::string path, FaultFileSystem* fs)
      : FSWritableFileOwnerWrapper(std::move(file)), path_(std::move(path)), fs_(fs) {}

  using FSWritableFileOwnerWrapper::Append;
  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* debug) override {
    if (fs_->fault_() == DiskFault::kFull) return rocksdb::IOStatus::NoSpace("injected");
    appended_ += data.size();
    return FSWritableFileOwnerWrapper::Append(data, options, debug);
  }
  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           const rocksdb::DataVerificationInfo&, rocksdb::IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  rocksdb::IOStatus Sync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
    if (fs_->fault_() == DiskFault::kSyncFails) return rocksdb::IOStatus::IOError("injected");
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

FaultFileSystem::FaultFileSystem(std::function<DiskFault()> fault)
    : FileSystemWrapper(rocksdb::FileSystem::Default()), fault_(std::move(fault)) {}

void FaultFileSystem::DropUnsynced() {
  absl::MutexLock lock(&mutex_);
  for (const auto& [path, synced] : synced_bytes_) {
    if (truncate(path.c_str(), static_cast<off_t>(synced)) != 0) continue;  // deleted or renamed since
  }
}

rocksdb::IOStatus FaultFileSystem::NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                                   std::unique_ptr<rocksdb::FSWritableFile>* file,
                                                   rocksdb::IODebugContext* debug) {
  rocksdb::IOStatus status = target()->NewWritableFile(path, options, file, debug);
  if (!status.ok()) return status;
  Synced(path, 0);
  *file = std::make_unique<File>(std::move(*file), path, this);
  return status;
}

rocksdb::IOStatus FaultFileSystem::RenameFile(const std::string& from, const std::string& to,
                                              const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) {
  absl::MutexLock lock(&mutex_);
  if (auto node = synced_bytes_.extract(from)) {
    synced_bytes_.erase(to);
    node.key() = to;
    synced_bytes_.insert(std::move(node));
  }
  return target()->RenameFile(from, to, options, debug);
}

rocksdb::IOStatus FaultFileSystem::GetFreeSpace(const std::string& path, const rocksdb::IOOptions& options,
                                                uint64_t* free_bytes, rocksdb::IODebugContext* debug) {
  if (fault_() != DiskFault::kFull) return target()->GetFreeSpace(path, options, free_bytes, debug);
  *free_bytes = 0;
  return rocksdb::IOStatus::OK();
}

void FaultFileSystem::Synced(const std::string& path, uint64_t bytes) {
  absl::MutexLock lock(&mutex_);
  synced_bytes_[path] = bytes;
}

rocksdb::Env* FaultEnvOfProcess() {
  const char* path = std::getenv("ATOLL_DISK_FAULT");
  if (path == nullptr) return nullptr;
  // Never destroyed: a database may be closed after main.
  static rocksdb::Env* const env =
      rocksdb::NewCompositeEnv(std::make_shared<FaultFileSystem>([path = std::string(path)] {
        std::string word;
        std::ifstream(path) >> word;
        return word == "full" ? DiskFault::kFull : word == "sync" ? DiskFault::kSyncFails : DiskFault::kNone;
      })).release();
  return env;
}

}  // namespace atoll::store::kv
