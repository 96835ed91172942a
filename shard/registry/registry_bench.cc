// CPU of create, get, patch and apply of a 1 KiB ConfigMap through the registry, over the memory engine:
// `shard_registry_bench [rounds]`. The sequencer thread's share is counted, the disk is not.
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "shard/registry/registry_testing.h"

namespace atoll::registry::testing {
namespace {

double CpuSeconds() {
  timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

template <class F>
void Measure(const char* what, int rounds, F step) {
  const double begin = CpuSeconds();
  for (int i = 0; i < rounds; ++i) step(i);
  std::printf("%-10s %8.2f us CPU\n", what, (CpuSeconds() - begin) * 1e6 / rounds);
}

// Many in flight, as in a server: groups of commits, no waiting for one at a time.
Task<void> CreateOne(Registry* registry, CallContext ctx, json::Value object, int* left) {
  const auto created = co_await registry->Create(ctx, std::move(object), Fixture::Writing());
  CHECK_OK(created.status());
  --*left;
}

Task<void> GetAll(Registry* registry, CallContext ctx, int rounds, int* left) {
  for (int i = 0; i < rounds; ++i) {
    ctx.name = "cm" + std::to_string(i);
    const auto object = co_await registry->Get(ctx);
    CHECK_OK(object.status());
    CHECK(object->Json().size() > 1000);
    --*left;
  }
}

void Run(int rounds) {
  Fixture f;
  const auto definition = ConfigMaps();
  const json::Value body =
      Json(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x","labels":{"app":"bench"}},"data":{"k":")" +
           std::string(900, 'v') + R"("}})");
  int left = 0;
  const double begin = CpuSeconds();
  for (int done = 0; done < rounds;) {
    for (int i = 0; i < 32 && done < rounds; ++i, ++done) {
      json::Value object = body;
      object.Ensure({"metadata", "name"}) = "cm" + std::to_string(done);
      ++left;
      f.loop().Spawn(CreateOne(&f.registry(), f.Context(definition), std::move(object), &left));
    }
    f.loop().RunWithThreads([&] { return left == 0; });
  }
  std::printf("%-10s %8.2f us CPU\n", "create", (CpuSeconds() - begin) * 1e6 / rounds);
  const double gets = CpuSeconds();
  left = rounds;
  f.loop().Spawn(GetAll(&f.registry(), f.Context(definition), rounds, &left));
  f.loop().RunWithThreads([&] { return left == 0; });
  std::printf("%-10s %8.2f us CPU\n", "get", (CpuSeconds() - gets) * 1e6 / rounds);
  Measure("patch", rounds / 10, [&](int i) {
    CHECK_OK(
        f.Patch(f.Context(definition, "cm" + std::to_string(i)), PatchType::kMerge, R"({"data":{"n":"1"}})").status());
  });
  const auto apply = [&](int i, std::string_view value) {
    WriteOptions options = Fixture::Writing("applier");
    options.force = true;
    json::Value config = body;
    config.Ensure({"metadata", "name"}) = "cm" + std::to_string(i);
    config.Ensure({"data", "n"}) = value;
    CHECK_OK(f.Patch(f.Context(definition, "cm" + std::to_string(i)), PatchType::kApply, json::Write(config), options)
                 .status());
  };
  Measure("apply", rounds / 10, [&](int i) { apply(i, "2"); });
  Measure("apply same", rounds / 10, [&](int i) { apply(i, "2"); });
  Measure("list", 1, [&](int) { CHECK(f.List(f.Context(definition)).names.size() == static_cast<size_t>(rounds)); });
}

}  // namespace
}  // namespace atoll::registry::testing

int main(int argc, char** argv) { atoll::registry::testing::Run(argc > 1 ? std::atoi(argv[1]) : 20'000); }
