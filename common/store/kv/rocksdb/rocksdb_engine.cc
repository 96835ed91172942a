#include "common/store/kv/rocksdb/rocksdb_engine.h"

#include <array>
#include <atomic>
#include <utility>

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>
#include "common/base/check.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/store/kv/rocksdb/directory.h"
#include "common/store/kv/rocksdb/fault_file_system.h"
#include "common/store/kv/rocksdb/options.h"

namespace atoll::store::kv {
namespace {

// Below this much free space a full disk still counts as full.
constexpr uint64_t kFreeBytesToResume = 8u << 20;

// An open database with its column families; shared by the engine and its views, closed by the last.
struct Database {
  rocksdb::DB* db = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> families;  // [0] is RocksDB's default, then one a Space

  ~Database() {
    for (auto* family : families) db->DestroyColumnFamilyHandle(family);
    delete db;
  }
  rocksdb::ColumnFamilyHandle* Family(Space space) const { return families[static_cast<size_t>(space) + 1]; }
};

// RocksDB asserts that even an empty slice points somewhere.
rocksdb::Slice ToSlice(std::string_view s) {
  return s.data() == nullptr ? rocksdb::Slice() : rocksdb::Slice(s.data(), s.size());
}
std::string_view ToView(const rocksdb::Slice& s) { return {s.data(), s.size()}; }

absl::StatusOr<std::optional<std::string>> Read(const Database& db, const rocksdb::ReadOptions& options, Space space,
                                                std::string_view key) {
  std::string value;
  const rocksdb::Status status = db.db->Get(options, db.Family(space), ToSlice(key), &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return FromRocksdb(status, "read the store");
  return std::optional<std::string>(std::move(value));
}

class RocksdbView final : public View {
 public:
  explicit RocksdbView(std::shared_ptr<Database> db) : db_(std::move(db)), snapshot_(db_->db->GetSnapshot()) {}
  ~RocksdbView() override { db_->db->ReleaseSnapshot(snapshot_); }

  absl::StatusOr<std::optional<std::string>> Get(Space space, std::string_view key) const override {
    return Read(*db_, Options(), space, key);
  }
  absl::StatusOr<std::optional<std::string>> GetCached(Space space, std::string_view key) const override {
    rocksdb::ReadOptions options = Options();
    options.read_tier = rocksdb::kBlockCacheTier;
    return Read(*db_, options, space, key);
  }
  absl::Status Scan(Space space, std::string_view begin, std::string_view end,
                    const std::function<bool(std::string_view, std::string_view)>& visit) const override {
    rocksdb::ReadOptions options = Options();
    const rocksdb::Slice upper = ToSlice(end);
    if (!end.empty()) options.iterate_upper_bound = &upper;
    const std::unique_ptr<rocksdb::Iterator> it(db_->db->NewIterator(options, db_->Family(space)));
    for (it->Seek(ToSlice(begin)); it->Valid(); it->Next()) {
      if (!visit(ToView(it->key()), ToView(it->value()))) return absl::OkStatus();
    }
    return FromRocksdb(it->status(), "scan the store");
  }

 private:
  rocksdb::ReadOptions Options() const {
    rocksdb::ReadOptions options;
    options.snapshot = snapshot_;
    return options;
  }

  const std::shared_ptr<Database> db_;
  const rocksdb::Snapshot* const snapshot_;
};

class RocksdbEngine final : public Engine {
 public:
  RocksdbEngine(std::shared_ptr<Database> db, EngineOptions options)
      : db_(std::move(db)), options_(std::move(options)) {}

  absl::Status Apply(const std::vector<Write>& writes, bool sync) override {
    if (disk_full_) RETURN_IF_ERROR(Resume());
    batch_.Clear();
    for (const Write& write : writes) RETURN_IF_ERROR(Add(write));
    rocksdb::WriteOptions options;
    options.sync = sync;
    const absl::Status status = FromRocksdb(db_->db->Write(options, &batch_), "write the store");
    if (absl::IsResourceExhausted(status)) disk_full_ = true;
    return status;
  }

  absl::StatusOr<std::optional<std::string>> Get(Space space, std::string_view key) const override {
    return Read(*db_, {}, space, key);
  }
  absl::StatusOr<std::optional<std::string>> GetCached(Space space, std::string_view key) const override {
    rocksdb::ReadOptions options;
    options.read_tier = rocksdb::kBlockCacheTier;
    return Read(*db_, options, space, key);
  }
  std::shared_ptr<const View> NewView() const override { return std::make_shared<RocksdbView>(db_); }
  bool full() const override { return disk_full_ && !HasSpace(); }

  absl::Status Checkpoint(const std::string& to) override {
    rocksdb::Checkpoint* checkpoint = nullptr;
    RETURN_IF_ERROR(FromRocksdb(rocksdb::Checkpoint::Create(db_->db, &checkpoint), "prepare a copy of the store"));
    const std::unique_ptr<rocksdb::Checkpoint> owned(checkpoint);
    RETURN_IF_ERROR(FromRocksdb(owned->CreateCheckpoint(to), StrCat("copy the store to ", to)));
    const std::string content = StrCat("atoll-store ", kFormatVersion, "\n");
    return FromRocksdb(rocksdb::WriteStringToFile(db_->db->GetEnv(), content, to + "/FORMAT", true),
                       "complete the copy");
  }

  void Compact(Space space, std::string_view begin, std::string_view end) override {
    const rocksdb::Slice first = ToSlice(begin), last = ToSlice(end);
    db_->db->CompactRange({}, db_->Family(space), &first, end.empty() ? nullptr : &last).PermitUncheckedError();
  }

  uint64_t ApproximateBytes(Space space) const override {
    uint64_t files = 0, memory = 0;
    db_->db->GetIntProperty(db_->Family(space), rocksdb::DB::Properties::kEstimateLiveDataSize, &files);
    db_->db->GetIntProperty(db_->Family(space), rocksdb::DB::Properties::kCurSizeAllMemTables, &memory);
    return files + memory;
  }

 private:
  absl::Status Add(const Write& write) {
    auto* family = db_->Family(write.space);
    switch (write.kind) {
      case Write::Kind::kPut:
        return FromRocksdb(batch_.Put(family, write.key, write.value), "build a batch");
      case Write::Kind::kDelete:
        return FromRocksdb(batch_.Delete(family, write.key), "build a batch");
      case Write::Kind::kDeleteRange:
        DCHECK(!write.value.empty());
        return FromRocksdb(batch_.DeleteRange(family, write.key, write.value), "build a batch");
    }
    return absl::InternalError("unknown kind of write");
  }

  // A file system that cannot say counts as one with space.
  bool HasSpace() const {
    uint64_t free_bytes = 0;
    return !db_->db->GetEnv()->GetFreeSpace(options_.directory, &free_bytes).ok() || free_bytes >= kFreeBytesToResume;
  }

  // After the disk was full RocksDB refuses writes until it is told to go on: it then flushes and starts a fresh
  // write-ahead log, so that the log with the failed record is never appended to.
  absl::Status Resume() {
    if (!HasSpace()) {
      return absl::ResourceExhaustedError(StrCat("no space left for the store in ", options_.directory));
    }
    const rocksdb::Status resumed = db_->db->Resume();
    if (resumed.IsBusy() || resumed.IsShutdownInProgress())
      return absl::ResourceExhaustedError("the store is recovering disk space");
    RETURN_IF_ERROR(FromRocksdb(resumed, "resume the store"));
    disk_full_ = false;
    return absl::OkStatus();
  }

  const std::shared_ptr<Database> db_;
  const EngineOptions options_;
  rocksdb::WriteBatch batch_;  // Apply has one caller at a time: the sequencer
  std::atomic<bool> disk_full_{false};
};

// RocksDB says that a lock is held only in words.
bool IsLockError(const rocksdb::Status& status) {
  const std::string text = status.ToString();
  return status.IsIOError() && text.find("/LOCK") != std::string::npos && text.find("ermission") == std::string::npos;
}

}  // namespace

absl::Status FromRocksdb(const rocksdb::Status& status, std::string_view what) {
  if (status.ok()) return absl::OkStatus();
  const std::string text = StrCat("cannot ", what, ": ", status.ToString());
  if (status.IsNoSpace() || status.subcode() == rocksdb::Status::kSpaceLimit) return absl::ResourceExhaustedError(text);
  if (status.IsIncomplete()) return absl::UnavailableError(text);  // not in the cache
  if (status.IsNotFound()) return absl::NotFoundError(text);
  if (status.IsCorruption()) return absl::DataLossError(text);
  if (status.IsInvalidArgument()) return absl::InvalidArgumentError(text);
  if (text.find("ermission denied") != std::string::npos) return absl::PermissionDeniedError(text);
  return absl::InternalError(text);
}

absl::StatusOr<std::unique_ptr<Engine>> OpenRocksdbEngine(const EngineOptions& asked) {
  EngineOptions options = asked;
  if (options.env == nullptr) options.env = FaultEnvOfProcess();
  if (options.env == nullptr) options.env = rocksdb::Env::Default();
  RETURN_IF_ERROR(PrepareDirectory(options.env, options.directory));
  auto db = std::make_shared<Database>();
  const rocksdb::Status status =
      rocksdb::DB::Open(DatabaseOptions(options), options.directory, ColumnFamilies(options), &db->families, &db->db);
  if (IsLockError(status)) {
    return absl::FailedPreconditionError(StrCat("the store in ", options.directory,
                                                " is in use by another process; stop it or choose another directory"));
  }
  RETURN_IF_ERROR(FromRocksdb(status, StrCat("open the store in ", options.directory)));
  return std::make_unique<RocksdbEngine>(std::move(db), options);
}

}  // namespace atoll::store::kv
