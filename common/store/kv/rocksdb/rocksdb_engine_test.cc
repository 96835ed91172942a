// What only an engine with files has: a directory, a disk that fails, a log that is damaged.
#include "common/store/kv/rocksdb/rocksdb_engine.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>

#include "common/store/kv/rocksdb/fault_file_system.h"
#include "common/store/store_testing.h"

namespace atoll::store {
namespace {

using testing::Commit;
using testing::Put;
using testing::TempDir;

// A disk whose faults a test turns on and off.
struct Disk {
  std::atomic<kv::DiskFault> fault{kv::DiskFault::kNone};
  std::shared_ptr<kv::FaultFileSystem> files = std::make_shared<kv::FaultFileSystem>([this] { return fault.load(); });
  std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(files);
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
    auto engine = kv::OpenEngine("rocksdb", {.directory = directory.path(), .env = disk.env.get()});
    CHECK_OK(engine);
    auto opened = Store::Open(*std::move(engine), {}, nullptr);
    CHECK_OK(opened);
    store = *std::move(opened);
  }

  TempDir directory;
  Disk disk;
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
  f.disk.fault = kv::DiskFault::kFull;
  for (int i = 0; i < 3; ++i) CHECK(absl::IsUnavailable(Commit(*f.store, Put("a", "lost")).status()));
  CHECK_FALSE(f.store->failed());
  CHECK(f.store->full());
  CHECK(testing::Read(*f.store, "a")->value == "1");
  CHECK(f.store->current() == Revision{1});
  // What takes no revision answers with the published one, not with one that was given and lost.
  CHECK(*Commit(*f.store, testing::Check("a", Precondition::At({1}))) == Revision{1});
  f.disk.fault = kv::DiskFault::kNone;
  CHECK_FALSE(f.store->full());  // known before anybody writes
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
  f.disk.fault = kv::DiskFault::kSyncFails;
  CHECK(absl::IsInternal(Commit(*f.store, Put("a", "2")).status()));
  CHECK(f.store->failed());
  f.disk.fault = kv::DiskFault::kNone;  // comes too late: nothing is tried again
  CHECK(absl::IsInternal(Commit(*f.store, Put("a", "3")).status()));
  CHECK(f.store->current() == Revision{1});
  CHECK(testing::Read(*f.store, "a")->value == "1");
  f.store.reset();
  f.disk.files->DropUnsynced();
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
    f.disk.files->DropUnsynced();
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
