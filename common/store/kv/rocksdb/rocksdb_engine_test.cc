// What only an engine with files has: a directory, a disk that fails, a log that is damaged.
#include "common/store/kv/rocksdb/rocksdb_engine.h"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "common/store/store_testing.h"

namespace atoll::store {
namespace {

using testing::Commit;
using testing::Put;
using testing::TempDir;

// A file system that runs out of space, fails to sync, or forgets what was not synced, on demand.
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

void WriteFile(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A store whose disk can fail.
struct Faulty {
  void Open() {
    auto engine = kv::OpenEngine("rocksdb", {.directory = directory.path(), .env = env.get()});
    CHECK_OK(engine);
    auto opened = Store::Open(*std::move(engine), {}, nullptr);
    CHECK_OK(opened);
    store = *std::move(opened);
  }

  TempDir directory;
  std::shared_ptr<FaultFileSystem> files = std::make_shared<FaultFileSystem>();
  std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(files);
  std::unique_ptr<Store> store;
};

TEST_CASE("A directory in use is refused, and named", "[store][rocksdb]") {
  const TempDir directory;
  const auto first = kv::OpenEngine("rocksdb", {.directory = directory.path()});
  REQUIRE(first.ok());
  const auto second = kv::OpenEngine("rocksdb", {.directory = directory.path()});
  CHECK(absl::IsFailedPrecondition(second.status()));
  CHECK_THAT(std::string(second.status().message()), Catch::Contains(directory.path()) && Catch::Contains("in use"));
}

TEST_CASE("FORMAT says who may open a directory", "[store][rocksdb]") {
  struct Case {
    const char* name;
    const char* content;
    absl::StatusCode want;
  };
  const Case cases[] = {
      {"this version", "atoll-store 1\n", absl::StatusCode::kOk},
      {"a newer one", "atoll-store 2\n", absl::StatusCode::kFailedPrecondition},
      {"no number", "atoll-store x\n", absl::StatusCode::kFailedPrecondition},
      {"something else", "hello\n", absl::StatusCode::kFailedPrecondition},
      {"empty", "", absl::StatusCode::kFailedPrecondition},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      const TempDir directory;
      WriteFile(directory.path() + "/FORMAT", c.content);
      CHECK(kv::OpenEngine("rocksdb", {.directory = directory.path()}).status().code() == c.want);
    }
  }
  SECTION("a foreign database") {
    const TempDir directory;
    WriteFile(directory.path() + "/CURRENT", "MANIFEST-000001\n");
    CHECK(absl::IsFailedPrecondition(kv::OpenEngine("rocksdb", {.directory = directory.path()}).status()));
  }
  SECTION("a new directory gets one") {
    const TempDir directory;
    REQUIRE(kv::OpenEngine("rocksdb", {.directory = directory.path() + "/a/b"}).ok());
    CHECK(ReadFile(directory.path() + "/a/b/FORMAT") == "atoll-store 1\n");
  }
}

TEST_CASE("A checkpoint opens as a store of its own", "[store][rocksdb]") {
  const TempDir directory;
  auto engine = kv::OpenEngine("rocksdb", {.directory = directory.path() + "/a"});
  REQUIRE(engine.ok());
  kv::Engine& original = **engine;
  REQUIRE(original.Apply({{kv::Write::Kind::kPut, kv::Space::kObjects, "k", "v"}}, true).ok());
  REQUIRE(original.Checkpoint(directory.path() + "/b").ok());
  REQUIRE(original.Apply({{kv::Write::Kind::kPut, kv::Space::kObjects, "k", "later"}}, true).ok());
  const auto copy = kv::OpenEngine("rocksdb", {.directory = directory.path() + "/b"});
  REQUIRE(copy.ok());
  CHECK(**(*copy)->Get(kv::Space::kObjects, "k") == "v");
}

TEST_CASE("A full disk refuses writes, serves reads, and heals", "[store][rocksdb]") {
  Faulty f;
  f.Open();
  REQUIRE(Commit(*f.store, Put("a", "1")).ok());
  f.files->full = true;
  for (int i = 0; i < 3; ++i) CHECK(absl::IsUnavailable(Commit(*f.store, Put("a", "lost")).status()));
  CHECK_FALSE(f.store->failed());
  CHECK(testing::Read(*f.store, "a")->value == "1");
  CHECK(f.store->current() == Revision{1});
  // What takes no revision answers with the published one, not with one that was given and lost.
  CHECK(*Commit(*f.store, testing::Check("a", Precondition::At({1}))) == Revision{1});
  f.files->full = false;
  Transaction index_only;
  index_only.index.push_back({.key = "i"});
  CHECK(*Commit(*f.store, std::move(index_only)) == Revision{1});
  CHECK(f.store->Snapshot()->revision() == f.store->current());
  const auto healed = Commit(*f.store, Put("a", "2"));
  CAPTURE(healed.status().ToString());
  REQUIRE(healed.ok());
  CHECK(*healed > Revision{1});
  f.store.reset();
  f.Open();
  CHECK(f.store->current() == *healed);
  CHECK(testing::Read(*f.store, "a")->value == "2");
}

TEST_CASE("A failed sync stops the store", "[store][rocksdb]") {
  Faulty f;
  f.Open();
  REQUIRE(Commit(*f.store, Put("a", "1")).ok());
  f.files->sync_fails = true;
  CHECK(absl::IsInternal(Commit(*f.store, Put("a", "2")).status()));
  CHECK(f.store->failed());
  f.files->sync_fails = false;  // comes too late: nothing is tried again
  CHECK(absl::IsInternal(Commit(*f.store, Put("a", "3")).status()));
  CHECK(f.store->current() == Revision{1});
  CHECK(testing::Read(*f.store, "a")->value == "1");
  f.store.reset();
  f.files->DropUnsynced();
  f.Open();
  CHECK(testing::Read(*f.store, "a")->value == "1");
  CHECK(Commit(*f.store, Put("a", "4")).ok());
}

TEST_CASE("What was acknowledged survives the loss of all that was not synced", "[store][rocksdb]") {
  Faulty f;
  Revision last{0};
  for (int round = 0; round < 4; ++round) {
    f.Open();
    CHECK(f.store->current() == last);
    for (int i = 0; i < 10; ++i) {
      const auto revision = Commit(*f.store, Put("a", std::to_string(round * 10 + i)));
      REQUIRE(revision.ok());
      CHECK(revision->value == last.value + 1);
      last = *revision;
    }
    f.store.reset();
    f.files->DropUnsynced();
  }
  f.Open();
  CHECK(testing::Read(*f.store, "a")->value == "39");
}

TEST_CASE("A damaged write-ahead log", "[store][rocksdb]") {
  const TempDir directory;
  const std::string original = directory.path() + "/original";
  {
    auto store = Store::Open(*kv::OpenEngine("rocksdb", {.directory = original}), {}, nullptr);
    REQUIRE(store.ok());
    for (int i = 1; i <= 50; ++i) REQUIRE(Commit(**store, Put("a", std::string(200, 'x'))).ok());
  }
  const auto wal_of = [](const std::string& path) {
    std::string newest;
    for (const auto& file : std::filesystem::directory_iterator(path)) {
      if (file.path().extension() == ".log" && file.file_size() > 0) newest = std::max(newest, file.path().string());
    }
    return newest;
  };
  const size_t size = std::filesystem::file_size(wal_of(original));
  const auto open_with = [&](auto damage) -> absl::StatusOr<uint64_t> {
    const std::string copy = directory.path() + "/copy";
    std::filesystem::remove_all(copy);
    std::filesystem::copy(original, copy);
    damage(wal_of(copy));
    auto engine = kv::OpenEngine("rocksdb", {.directory = copy});
    if (!engine.ok()) return engine.status();
    auto store = Store::Open(*std::move(engine), {}, nullptr);
    if (!store.ok()) return store.status();
    return (*store)->current().value;
  };
  SECTION("cut anywhere: a prefix is left") {
    for (const size_t cut : {1u, 7u, 100u, 700u, 5000u}) {
      const auto current = open_with([&](const std::string& wal) { std::filesystem::resize_file(wal, size - cut); });
      CAPTURE(cut, current.status().ToString());
      REQUIRE(current.ok());
      CHECK(*current <= 50);
      CHECK(*current >= 50 - cut / 250 - 1);
    }
  }
  SECTION("flipped in the middle: refused, with words") {
    const auto current = open_with([&](const std::string& wal) {
      std::string bytes = ReadFile(wal);
      bytes[size / 2] ^= 0x40;
      WriteFile(wal, bytes);
    });
    REQUIRE_FALSE(current.ok());
    CHECK_THAT(std::string(current.status().message()), Catch::Contains("Corruption"));
  }
}

}  // namespace
}  // namespace atoll::store
