// Kills a writing process at each named point of the write path, then looks at what its store says: invariants I1, I2,
// I4, I5, I11.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <catch2/catch.hpp>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/store/store_testing.h"

namespace atoll::store {
namespace {

using testing::Await;
using testing::Key;
using testing::Put;
using testing::Txn;

constexpr int kKeys = 20, kWrites = 400;

StoreOptions CrashOptions() {
  StoreOptions options;
  options.log_bytes_max = 4000;  // so that it is trimmed all the time
  return options;
}

// The victim: what it was told is committed it writes into a file, which survives its end.
TEST_CASE("crash child", "[.crash-child]") {
  const char* const given = std::getenv("ATOLL_CRASH_DIRECTORY");
  if (given == nullptr) return;  // run by hand
  const std::string directory = given;
  const int ledger = open((directory + "/ledger").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  auto store = Store::Open(*kv::OpenEngine("rocksdb", {.directory = directory + "/store"}), CrashOptions(), nullptr);
  CHECK_OK(store);
  for (int i = 0; i < kWrites; ++i) {
    const std::string name = absl::StrCat("k", i % kKeys);
    Transaction txn = Txn(Put(name, absl::StrCat(i, "#", std::string(50, 'x'))), Put("counter", std::to_string(i)));
    txn.index.push_back({.key = "present/" + Key(name)});
    (*store)->CommitThen(std::move(txn), [=](absl::StatusOr<Revision> revision) {
      const std::string line = absl::StrCat(i, " ", revision.ok() ? revision->value : 0, "\n");
      CHECK(write(ledger, line.data(), line.size()) == static_cast<ssize_t>(line.size()));
    });
    if (i % 5 == 0) CHECK_OK(testing::Commit(**store, Transaction()));  // groups of a few
  }
}

// Runs the victim; true when it was killed.
bool RunVictim(const std::string& directory, const std::string& failpoint) {
  std::string program = "/proc/self/exe", filter = "crash child";
  std::string directory_variable = "ATOLL_CRASH_DIRECTORY=" + directory,
              failpoint_variable = "ATOLL_FAILPOINT=" + failpoint;
  char* arguments[] = {program.data(), filter.data(), nullptr};
  char* environment[] = {directory_variable.data(), failpoint_variable.data(), nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  CHECK(posix_spawn(&child, program.c_str(), &actions, nullptr, arguments, environment) == 0);
  posix_spawn_file_actions_destroy(&actions);
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

void CheckSurvivor(const std::string& directory, std::map<int, uint64_t>* acknowledged) {
  std::ifstream ledger(directory + "/ledger");
  int i = 0;
  uint64_t revision = 0, newest = 0;
  while (ledger >> i >> revision) {
    newest = std::max(newest, revision);
    (*acknowledged)[i] = revision;
  }
  auto opened = Store::Open(*kv::OpenEngine("rocksdb", {.directory = directory + "/store"}), CrashOptions(), nullptr);
  REQUIRE(opened.ok());
  Store& store = **opened;
  CHECK(store.current().value >= newest);  // I1, I4

  std::map<std::string, Revision> objects;
  std::set<std::string> index, want_index;
  const auto view = store.Snapshot();
  CHECK_OK(view->Scan({}, {}, [&](std::string_view key, std::string_view, Revision modified) {
    objects[std::string(key)] = modified;
    if (key != Key("counter")) want_index.insert("present/" + std::string(key));
    return true;
  }));
  CHECK_OK(view->ScanIndex({}, {}, [&](std::string_view key) { return index.insert(std::string(key)).second; }));
  CHECK(index == want_index);  // I11
  for (const auto& [write, at] : *acknowledged) {
    CHECK(objects[Key(absl::StrCat("k", write % kKeys))].value >= at);  // I1
  }

  // I2, I5: from where the log starts, each revision is there once and whole.
  SimLoop loop;
  std::unique_ptr<Follower> follower;
  const Revision start{store.oldest_in_log().value - 1};
  loop.Post([&] { follower = store.Follow("", start); });
  loop.RunUntilIdle();
  Revision through = start;
  uint64_t events = 0;
  while (through < store.current()) {
    const auto batch = Await(loop, follower->Next(absl::ZeroDuration()));
    REQUIRE(batch.ok());
    events += batch->events.size();
    through = batch->through;
  }
  CHECK(events == 2 * (store.current().value - start.value));
}

TEST_CASE("A process killed at any point of a commit loses nothing it acknowledged", "[store][crash]") {
  const auto* failpoint = GENERATE("before-wal:1", "before-wal:9", "before-wal:40", "after-wal:1", "after-wal:23",
                                   "before-ack:2", "before-ack:31", "in-trim:1", "in-trim:12");
  CAPTURE(failpoint);
  const testing::TempDir directory;
  std::map<int, uint64_t> acknowledged;
  for (int life = 0; life < 2; ++life) {
    REQUIRE(RunVictim(directory.path(), failpoint));
    CheckSurvivor(directory.path(), &acknowledged);
  }
}

}  // namespace
}  // namespace atoll::store
