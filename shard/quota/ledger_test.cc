// Quotas under load: many creators and removers at once, in one store.
#include "shard/quota/ledger.h"

#include <catch2/catch.hpp>
#include <memory>

#include "common/api/errors.h"
#include "common/base/check.h"
#include "common/base/strings.h"
#include "common/json/parse.h"
#include "common/loop/asio_loop.h"
#include "common/store/kv/engine.h"
#include "shard/admission/plugin.h"
#include "shard/quota/usage.h"
#include "shard/resources/all.h"

namespace atoll::quota {
namespace {

json::Value Json(std::string_view text) {
  auto parsed = json::Parse(text);
  CHECK_OK(parsed);
  return *std::move(parsed);
}

registry::DefinitionPtr Definition(std::string_view resource) {
  for (const auto& d : resources::BuiltinResources()) {
    if (d->gr().ToString() == resource) return d;
  }
  CHECK(false);
  return nullptr;
}

class World {
 public:
  World() : loop_("test"), pool_({.threads = 1}) {
    loop_.Start();
    auto engine = store::kv::OpenEngine("memory", {});
    CHECK_OK(engine);
    auto store = store::Store::Open(*std::move(engine), {}, &pool_);
    CHECK_OK(store);
    store_ = *std::move(store);
    ledger_ = std::make_unique<QuotaLedger>(QuotaLedger::Options{
        .store = store_.get(), .pool = &pool_, .index = &index, .resource_quotas = Definition("resourcequotas")});
    registry_ = registry::Registry::Create(
        {.store = store_.get(), .pool = &pool_, .admission = &chain_, .ledger = ledger_.get()});
  }
  ~World() {
    store_->Stop();
    loop_.Stop();
  }

  static registry::CallContext Context(std::string_view resource, std::string ns, std::string name) {
    registry::CallContext ctx;
    ctx.cluster.id = LogicalClusterId("org");
    ctx.definition = Definition(resource);
    ctx.ns = std::move(ns);
    ctx.name = std::move(name);
    return ctx;
  }

  template <class T>
  T Await(Task<T> task) {
    std::optional<T> out;
    loop_.RunBlocking([](Task<T> task, std::optional<T>* out) -> Task<void> { out->emplace(co_await std::move(task)); }(
                                                                  std::move(task), &out));
    return *std::move(out);
  }

  absl::Status Create(std::string_view resource, std::string ns, json::Value object, bool dry_run = false) {
    return Await(CreateTask(resource, std::move(ns), std::move(object), dry_run));
  }
  Task<absl::Status> CreateTask(std::string_view resource, std::string ns, json::Value object, bool dry_run = false) {
    registry::CallContext ctx = Context(resource, std::move(ns), "");
    registry::WriteOptions options;
    options.field_manager = "test";
    options.dry_run = dry_run;
    auto created = co_await registry_->Create(ctx, std::move(object), options);
    co_return created.status();
  }
  Task<absl::Status> DeleteTask(std::string_view resource, std::string ns, std::string name) {
    registry::CallContext ctx = Context(resource, std::move(ns), std::move(name));
    auto deleted = co_await registry_->Delete(ctx, {});
    co_return deleted.status();
  }
  // A quota in force.
  void Quota(std::string ns, std::string name, std::string_view hard, bool cluster_scoped = false) {
    json::Value quota = json::Value::MakeObject();
    quota.Ensure({"metadata", "name"}) = name;
    if (cluster_scoped) quota.Ensure({"metadata", "annotations", kClusterScopedAnnotation}) = "true";
    quota.Ensure({"spec", "hard"}) = Json(hard);
    CHECK_OK(Create("resourcequotas", ns, quota));
    quota.Ensure({"status", "hard"}) = Json(hard);
    registry::CallContext ctx = Context("resourcequotas", ns, name);
    ctx.subresource = "status";
    CHECK_OK(Await(registry_->Update(ctx, quota, {})));
  }
  std::string Used(std::string ns, std::string name, std::string_view what) {
    auto got = Await(registry_->Get(Context("resourcequotas", ns, name)));
    CHECK_OK(got);
    return std::string(got->Decode()->StringAt({"status", "used", what}));
  }
  // All at once; how many succeeded, and what the others were told.
  std::pair<int, std::set<std::string>> All(std::vector<Task<absl::Status>> tasks) {
    std::pair<int, std::set<std::string>> out;
    loop_.RunBlocking([](AsioLoop* loop, std::vector<Task<absl::Status>> tasks,
                         std::pair<int, std::set<std::string>>* out) -> Task<void> {
      TaskGroup group(*loop);
      for (auto& task : tasks) {
        group.Spawn([](Task<absl::Status> task, std::pair<int, std::set<std::string>>* out) -> Task<void> {
          absl::Status status = co_await std::move(task);
          if (status.ok()) {
            ++out->first;
          } else {
            out->second.emplace(api::StatusObject(status).StringAt({"reason"}));
          }
        }(std::move(task), out));
      }
      co_await group.Join();
    }(&loop_, std::move(tasks), &out));
    return out;
  }

  QuotaIndex index;

 private:
  AsioLoop loop_;
  BlockingPool pool_;
  std::unique_ptr<store::Store> store_;
  admission::Chain chain_;
  std::unique_ptr<QuotaLedger> ledger_;
  std::unique_ptr<registry::Registry> registry_;
};

json::Value Named(const std::string& name) {
  json::Value out = json::Value::MakeObject();
  out.Ensure({"metadata", "name"}) = name;
  return out;
}

TEST_CASE("ledger: 64 creators never exceed a quota, and nothing is refused below it", "[quota]") {
  World world;
  world.Quota("default", "q", R"({"count/configmaps":"20"})");
  std::vector<Task<absl::Status>> tasks;
  for (int i = 0; i < 64; ++i) tasks.push_back(world.CreateTask("configmaps", "default", Named(StrCat("c", i))));
  const auto [created, refusals] = world.All(std::move(tasks));
  CHECK(created == 20);
  CHECK(refusals == std::set<std::string>{"Forbidden"});
  CHECK(world.Used("default", "q", "count/configmaps") == "20");
  // What goes makes room, in the same transaction.
  CHECK_OK(world.Create("configmaps", "other", Named("c")));
  std::vector<Task<absl::Status>> removals;
  for (int i = 0; i < 64; ++i) removals.push_back(world.DeleteTask("configmaps", "default", StrCat("c", i)));
  CHECK(world.All(std::move(removals)).first == 20);
  CHECK(world.Used("default", "q", "count/configmaps") == "0");
}

TEST_CASE("ledger: every quota must have room", "[quota]") {
  World world;
  world.Quota("default", "small", R"({"count/secrets":"1"})");
  world.Quota("default", "wide", R"({"count/secrets":"5","count/configmaps":"1"})");
  world.Quota("admin", "all", R"({"count/secrets":"2","count/namespaces":"1"})", /*cluster_scoped=*/true);
  world.Quota("admin", "own", R"({"count/secrets":"1"})");
  CHECK_OK(world.Create("secrets", "default", Named("a")));
  const absl::Status refused = world.Create("secrets", "default", Named("b"));
  CHECK(api::HttpCode(refused) == 403);
  CHECK(api::StatusObject(refused).StringAt({"message"}) ==
        R"(secrets "b" is forbidden: exceeded quota: small, requested: count/secrets=1, used: count/secrets=1, )"
        R"(limited: count/secrets=1)");
  CHECK(world.Used("default", "wide", "count/secrets") == "1");  // the refused one was not counted
  CHECK_OK(world.Create("secrets", "admin", Named("c")));
  CHECK(world.Used("admin", "own", "count/secrets") == "1");
  CHECK(world.Used("admin", "all", "count/secrets") == "2");
  CHECK(api::HttpCode(world.Create("secrets", "third", Named("d"))) == 403);
  CHECK_OK(world.Create("namespaces", "", Named("n1")));
  CHECK(api::HttpCode(world.Create("namespaces", "", Named("n2"))) == 403);
  CHECK(world.Used("default", "wide", "count/configmaps") == "");
}

TEST_CASE("ledger: dry runs are judged and not counted", "[quota]") {
  World world;
  world.Quota("default", "q", R"({"count/configmaps":"1"})");
  CHECK_OK(world.Create("configmaps", "default", Named("a"), /*dry_run=*/true));
  CHECK_OK(world.Create("configmaps", "default", Named("a")));
  CHECK(api::HttpCode(world.Create("configmaps", "default", Named("b"), /*dry_run=*/true)) == 403);
  CHECK(world.Used("default", "q", "count/configmaps") == "1");
  CHECK(api::IsAlreadyExists(world.Create("configmaps", "other", Named("a"))) == false);
}

TEST_CASE("ledger: a quota that is refused or tried for show is not remembered", "[quota]") {
  World world;
  const LogicalClusterId org("org");
  CHECK_OK(world.Create("resourcequotas", "default", Named("shown"), /*dry_run=*/true));
  CHECK(world.index.In(org, "default").empty());
  world.Quota("default", "one", R"({"count/resourcequotas":"1"})");
  CHECK(api::HttpCode(world.Create("resourcequotas", "default", Named("two"))) == 403);
  CHECK(world.index.In(org, "default") == std::vector<QuotaIndex::Name>{{"default", "one"}});
}

TEST_CASE("ledger: a quota goes with its namespace's last count", "[quota]") {
  World world;
  world.Quota("default", "q", R"({"count/resourcequotas":"2"})");
  world.Quota("default", "r", R"({"count/configmaps":"2"})");
  CHECK(world.Used("default", "q", "count/resourcequotas") == "2");
  CHECK(world
            .All([&] {
              std::vector<Task<absl::Status>> tasks;
              tasks.push_back(world.DeleteTask("resourcequotas", "default", "q"));
              return tasks;
            }())
            .first == 1);
  CHECK_OK(world.Create("configmaps", "default", Named("a")));
}

TEST_CASE("index: where quotas are", "[quota]") {
  QuotaIndex index;
  const LogicalClusterId a("one"), b("two");
  CHECK(index.empty());
  index.Put(a, "n", "y");
  index.Put(a, "n", "x");
  index.Put(a, "n", "x");
  index.Put(a, "admin", "all");
  using Names = std::vector<QuotaIndex::Name>;
  CHECK(index.Concerning(a, "n") == Names{{"n", "x"}, {"n", "y"}, {"admin", "all"}});
  CHECK(index.Concerning(a, "admin") == Names{{"admin", "all"}});
  CHECK(index.Concerning(a, "") == Names{{"admin", "all"}});
  CHECK(index.Concerning(b, "n").empty());
  index.Erase(a, "n", "x");
  index.Erase(a, "n", "y");
  index.Erase(b, "n", "y");
  CHECK_FALSE(index.empty());
  index.Erase(a, "admin", "all");
  CHECK(index.empty());
}

}  // namespace
}  // namespace atoll::quota
