#include "shard/controllers/framework/runner.h"

#include <map>
#include <set>

#include <catch2/catch.hpp>

#include "common/loop/sim/sim_loop.h"
#include "common/store/store_testing.h"

namespace atoll::controllers {
namespace {

using store::testing::Key;

// What the world does with the controller's keys; outlives each process.
struct World {
  std::map<std::string, int> reconciled;
  std::set<std::string> failing, waiting;  // keys that fail; that ask for another look much later
  std::map<std::string, std::string> also;
  int scanned = 0;
};

class Recorder final : public Controller {
 public:
  Recorder(World* world, int version) : world_(*world), version_(version) {}
  std::string name() const override { return "recorder"; }
  std::vector<std::string> scopes() const override { return {Key("a"), Key("b")}; }
  int version() const override { return version_; }
  void OnEvent(const store::Event& event, std::vector<std::string>* keys) override { keys->push_back(event.key); }
  void NeedsWork(std::string_view key, std::string_view, std::vector<std::string>* keys) const override {
    ++world_.scanned;
    keys->emplace_back(key);
  }
  Task<absl::StatusOr<Result>> Reconcile(std::string key) override {
    ++world_.reconciled[key];
    if (world_.failing.contains(key)) co_return absl::UnavailableError("not now");
    Result result;
    if (world_.waiting.contains(key)) result.requeue_after = absl::Hours(1000);
    if (auto it = world_.also.find(key); it != world_.also.end()) result.also.push_back(it->second);
    co_return result;
  }

 private:
  World& world_;
  const int version_;
};

// A process: a loop with a controller on it.
struct Process {
  Process(store::testing::StoreFixture& store, World* world, int version)
      : metrics(&registry, &loop.clock()),
        runner(loop, *store, store.pool(), metrics, std::make_unique<Recorder>(world, version)) {
    loop.Spawn([](ControllerRunner* r) -> Task<void> {
      r->Start();
      co_return;
    }(&runner));
  }
  ~Process() {
    bool stopped = false;
    loop.Spawn([](ControllerRunner* r, bool* out) -> Task<void> {
      co_await r->Stop();
      *out = true;
    }(&runner, &stopped));
    loop.RunWithThreads([&] { return stopped; });
  }
  SimLoop loop;
  metrics::Registry registry;
  QueueMetrics metrics;
  ControllerRunner runner;
};

// One process after another, over one store, in virtual time.
struct Fixture {
  void Start(int version = 1) {
    process = std::make_unique<Process>(store, &world, version);
    RunUntil([&] { return process->runner.synced(); });
  }
  // The store and the pool have threads of their own, which virtual time does not wait for: it passes in small steps.
  void RunUntil(const std::function<bool()>& done) {
    process->loop.RunUntilIdle();
    while (!done()) process->loop.Advance(absl::Microseconds(100));
  }
  void Stop() { process.reset(); }
  // As kill -9: from here on it does nothing, and saves nothing before the test ends.
  void Kill() { killed.push_back(std::move(process)); }
  void Write(std::string_view path) { CHECK_OK(store::testing::Commit(*store, store::testing::Put(path, "v"))); }
  int Count(std::string_view path) { return world.reconciled[Key(path)]; }

  store::testing::StoreFixture store{"memory"};
  World world;
  std::vector<std::unique_ptr<Process>> killed;
  std::unique_ptr<Process> process;
};

TEST_CASE_METHOD(Fixture, "the first start scans, the next goes on where the last one was", "[controllers]") {
  Write("a/1");
  Write("c/1");  // not followed
  Start();
  RunUntil([&] { return Count("a/1") == 1; });
  CHECK(world.scanned == 1);
  Write("b/1");
  RunUntil([&] { return Count("b/1") == 1; });
  Stop();
  Write("a/2");  // while nobody runs
  Start();
  RunUntil([&] { return Count("a/2") == 1; });
  CHECK(world.scanned == 1);
  CHECK(Count("a/1") == 1);
  CHECK(Count("b/1") == 1);
  CHECK(Count("c/1") == 0);
  Stop();
}

TEST_CASE_METHOD(Fixture, "what was pending is reconciled by the next process", "[controllers]") {
  world.failing.insert(Key("a/fails"));
  world.waiting.insert(Key("a/waits"));
  world.also[Key("a/leads")] = Key("a/fails");
  Start();
  for (const char* path : {"a/fails", "a/waits", "a/done", "a/leads"}) Write(path);
  RunUntil([&] { return Count("a/fails") > 0 && Count("a/waits") > 0 && Count("a/done") > 0 && Count("a/leads") > 0; });
  Stop();
  const int failed = Count("a/fails");
  world.failing.clear();
  Start();
  RunUntil([&] { return Count("a/fails") > failed && Count("a/waits") == 2; });
  CHECK(Count("a/done") == 1);
  Stop();
  CHECK(world.scanned == 0);
}

TEST_CASE_METHOD(Fixture, "a process that is killed leaves its last save", "[controllers]") {
  world.waiting.insert(Key("a/waits"));
  Start();
  Write("a/waits");
  RunUntil([&] { return Count("a/waits") == 1; });
  // Two saves later the key is parked and the cursor behind it.
  for (int i = 0; i < 4; ++i) {
    const int before = Count("b/x");
    Write("b/x");
    RunUntil([&] { return Count("b/x") > before; });
    process->loop.Advance(absl::Seconds(11));
  }
  Kill();
  const int before = Count("a/waits");
  Start();
  RunUntil([&] { return Count("a/waits") > before; });
  CHECK(world.scanned == 0);
  Stop();
}

TEST_CASE_METHOD(Fixture, "another version of a controller scans once", "[controllers]") {
  Write("a/1");
  Start();
  RunUntil([&] { return Count("a/1") == 1; });
  Stop();
  Start(2);
  RunUntil([&] { return Count("a/1") == 2; });
  Stop();
  CHECK(world.scanned == 2);
  Start(2);
  Stop();
  CHECK(world.scanned == 2);
}

TEST_CASE_METHOD(Fixture, "workqueue metrics have the usual names", "[controllers]") {
  Start();
  Write("a/1");
  RunUntil([&] { return Count("a/1") == 1; });
  const std::string text = process->registry.Text();
  for (const char* line : {"workqueue_adds_total{name=\"recorder\"} 1", "workqueue_depth{name=\"recorder\"} 0",
                           "workqueue_queue_duration_seconds_count{name=\"recorder\"} 1",
                           "workqueue_work_duration_seconds_count{name=\"recorder\"} 1",
                           "workqueue_unfinished_work_seconds{name=\"recorder\"} 0",
                           "workqueue_longest_running_processor_seconds{name=\"recorder\"} 0",
                           "workqueue_retries_total{name=\"recorder\"} 0"}) {
    CAPTURE(line);
    CHECK(text.find(line) != std::string::npos);
  }
  Stop();
}

}  // namespace
}  // namespace atoll::controllers
