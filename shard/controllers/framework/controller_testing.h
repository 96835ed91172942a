// For tests of controllers: a registry in memory with one controller at work on it, in one logical cluster, on a
// simulated loop whose clock the test moves.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "common/json/parse.h"
#include "common/loop/sim/sim_loop.h"
#include "common/store/store_testing.h"
#include "shard/controllers/context.h"
#include "shard/controllers/framework/runner.h"
#include "shard/registry/in_process_client.h"
#include "shard/registry/resolver_builtin.h"
#include "shard/resources/all.h"

namespace atoll::controllers {

struct ControllerFixture {
  using Factory = std::function<std::unique_ptr<Controller>(const Context&)>;

  explicit ControllerFixture(Factory make)
      : factory(std::move(make)),
        resolver(resources::BuiltinResources(), &clusters),
        registry(registry::Registry::Create(
            {.store = &*store, .pool = &store.pool(), .clock = &loop.clock(), .random = &random})),
        client(registry.get(), &resolver),
        metrics(&metrics_registry, &loop.clock()) {
    clusters.Put(cluster, *json::Parse(R"({"metadata":{},"status":{"phase":"Ready"}})"));
    Start();
  }
  ~ControllerFixture() { Stop(); }

  void Start() {
    Context context;
    context.store = &*store;
    context.pool = &store.pool();
    context.resolver = &resolver;
    context.client = &client;
    context.clusters = &clusters;
    context.clock = &loop.clock();
    context.random = &random;
    runner = std::make_unique<ControllerRunner>(loop, *store, store.pool(), metrics, factory(context));
    loop.Spawn([](ControllerRunner* r) -> Task<void> {
      r->Start();
      co_return;
    }(runner.get()));
    Until([&] { return runner->synced(); });
  }
  void Stop() {
    if (runner == nullptr) return;
    bool stopped = false;
    loop.Spawn([](ControllerRunner* r, bool* out) -> Task<void> {
      co_await r->Stop();
      *out = true;
    }(runner.get(), &stopped));
    loop.RunWithThreads([&] { return stopped; });
    runner.reset();
  }
  // Small steps of virtual time until then.
  void Until(const std::function<bool()>& done) {
    loop.RunUntilIdle();
    while (!done()) loop.Advance(absl::Microseconds(100));
  }
  template <class T>
  T Await(Task<T> task) {
    return store::testing::Await(loop, std::move(task));
  }

  const LogicalClusterId cluster{"c1"};
  Factory factory;
  SimLoop loop;
  SeededRandom random{1};
  store::testing::StoreFixture store{"memory"};
  registry::Clusters clusters;
  registry::BuiltinResolver resolver;
  std::unique_ptr<registry::Registry> registry;
  registry::InProcessClient client;
  metrics::Registry metrics_registry;
  QueueMetrics metrics;
  std::unique_ptr<ControllerRunner> runner;
};

}  // namespace atoll::controllers
