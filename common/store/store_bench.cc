// What the store costs: commits by one and by many writers, reads, a scan, and many followers. CPU time is of the whole
// process, so it includes the loop, the sequencer and RocksDB's threads.
//
//   common_store_bench [engine [directory]]
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/loop/asio_loop.h"
#include "common/store/kv/engine.h"
#include "common/store/store.h"

namespace atoll::store {
namespace {

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Prints wall and CPU time for each of `operations` when it goes out of scope.
class Measure {
 public:
  Measure(const char* name, int operations) : name_(name), operations_(operations) {}
  ~Measure() {
    const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    std::printf("%-34s %9.0f /s  wall %8.2f us  cpu %8.2f us\n", name_, operations_ / wall, wall / operations_ * 1e6,
                (CpuSeconds() - cpu_) / operations_ * 1e6);
    std::fflush(stdout);
  }

 private:
  const char* const name_;
  const int operations_;
  const double cpu_ = CpuSeconds();
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

std::string Key(int i) {
  std::string key;
  for (const std::string& component : {std::string("configmaps"), std::string(), std::string("root"),
                                       absl::StrCat("ns", i % 200), absl::StrCat("object-", i)}) {
    AppendComponent(&key, component);
  }
  return key;
}

Task<void> Write(Store* store, int first, int count) {
  const std::string value(1024, 'v');
  for (int i = first; i < first + count; ++i) {
    Transaction txn;
    txn.ops.push_back({.key = Key(i), .value = value, .precondition = Precondition::Absent()});
    const auto revision = co_await store->Commit(std::move(txn));
    CHECK_OK(revision);
  }
}

Task<void> WriteMany(Store* store, int writers, int first, int count) {
  TaskGroup group(*Loop::Current());
  for (int w = 0; w < writers; ++w) group.Spawn(Write(store, first + w * count / writers, count / writers));
  co_await group.Join();
}

// `count` reads spread over `keys` neighbours.
Task<void> ReadAll(Store* store, int count, int keys) {
  for (int i = 0; i < count; ++i) {
    const auto entry = co_await store->Get(Key(200 * (i % keys)));
    CHECK(entry.ok() && entry->has_value());
  }
}

Task<void> FollowUntil(std::unique_ptr<Follower> follower, Revision last, uint64_t* events) {
  while (true) {
    const auto batch = co_await follower->Next(absl::InfiniteDuration());
    CHECK_OK(batch);
    *events += batch->events.size();
    if (batch->through >= last) co_return;
  }
}

// `followers` on all objects; each gets every event.
Task<void> WriteFollowed(Store* store, int followers, int first, int count, uint64_t* events) {
  TaskGroup group(*Loop::Current());
  const Revision now = store->current();
  std::string scope;
  AppendComponent(&scope, "configmaps");
  for (int f = 0; f < followers; ++f) {
    group.Spawn(FollowUntil(store->Follow(scope, now), {now.value + static_cast<uint64_t>(count)}, events));
  }
  co_await WriteMany(store, 32, first, count);
  co_await group.Join();
}

void Main(const std::string& engine_name, const std::string& directory) {
  auto engine = kv::OpenEngine(engine_name, {.directory = directory});
  CHECK_OK(engine);
  BlockingPool pool({});
  auto opened = Store::Open(*std::move(engine), {}, &pool);
  CHECK_OK(opened);
  Store* const store = opened->get();
  AsioLoop loop("bench");
  loop.Start();
  constexpr int kSingle = 3'000, kMany = 64'000;
  {
    Measure measure("create 1 KiB, 1 writer", kSingle);
    loop.RunBlocking(Write(store, 0, kSingle));
  }
  {
    Measure measure("create 1 KiB, 32 writers", kMany);
    loop.RunBlocking(WriteMany(store, 32, kSingle, kMany));
  }
  {
    Measure measure("get, from disk at first", 300);
    loop.RunBlocking(ReadAll(store, 300, 300));
  }
  {
    Measure measure("get, cached", 30'000);
    loop.RunBlocking(ReadAll(store, 30'000, 300));
  }
  for (int i = 0; i < 2; ++i) {
    int objects = 0;
    uint64_t bytes = 0;
    Measure measure("scan 3000 x 1 KiB", 1);
    CHECK_OK(store->Snapshot()->Scan({}, {}, [&](std::string_view, std::string_view value, Revision) {
      bytes += value.size();
      return ++objects < 3'000;
    }));
  }
  uint64_t events = 0;
  {
    Measure measure("create, 200 followers of all", 6'400);
    loop.RunBlocking(WriteFollowed(store, 200, kSingle + kMany, 6'400, &events));
  }
  const StoreStats stats = store->stats();
  std::printf("events delivered %llu, transactions a group %.1f, apply %.1f us a group\n",
              static_cast<unsigned long long>(events),
              static_cast<double>(stats.commits_total) / static_cast<double>(stats.groups_total),
              static_cast<double>(stats.sync_nanos_total) / static_cast<double>(stats.groups_total) / 1000);
  loop.Stop();
}

}  // namespace
}  // namespace atoll::store

int main(int argc, char** argv) {
  const std::string directory =
      argc > 2 ? argv[2]
               : (std::filesystem::temp_directory_path() / absl::StrCat("atoll-store-bench-", getpid())).string();
  atoll::store::Main(argc > 1 ? argv[1] : "rocksdb", directory);
  if (argc <= 2) std::filesystem::remove_all(directory);
}
