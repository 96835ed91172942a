#include "shard/controllers/cluster_role_aggregation/controller.h"

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/synchronization/mutex.h"
#include "common/api/errors.h"
#include "common/api/object.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "shard/controllers/cluster_role_aggregation/aggregate.h"
#include "shard/storage/stored_object.h"

namespace atoll::controllers {
namespace {

const api::Gvr kRoles{"rbac.authorization.k8s.io", "v1", "clusterroles"};

constexpr char kManager[] = "clusterrole-aggregation-controller";

bool MayAggregate(std::string_view value) { return absl::StrContains(ToAbsl(value), "\"aggregationRule\":{"); }

class ClusterRoleAggregationController final : public Controller {
 public:
  explicit ClusterRoleAggregationController(const Context& context) : ctx_(context) {}

  std::string name() const override { return "ClusterRoleAggregator"; }
  std::vector<std::string> scopes() const override { return {storage::ResourceScope(kRoles.gr())}; }

  void OnEvent(const store::Event& event, std::vector<std::string>* keys) override {
    auto key = storage::DecodeKey(event.key);
    if (!key.ok()) return;
    absl::MutexLock lock(&mutex_);
    if (MayAggregate(event.value)) clusters_.insert(key->cluster.name());
    if (clusters_.contains(key->cluster.name())) keys->push_back(key->cluster.name());
  }

  void OnScan(std::string_view store_key, std::string_view value, std::vector<std::string>* keys) override {
    if (!MayAggregate(value)) return;
    auto key = storage::DecodeKey(store_key);
    if (!key.ok()) return;
    absl::MutexLock lock(&mutex_);
    clusters_.insert(key->cluster.name());
    keys->push_back(key->cluster.name());
  }

  Task<absl::StatusOr<Result>> Reconcile(std::string cluster_name) override {
    const LogicalClusterId cluster(cluster_name);
    // By name, as the store keeps them.
    auto roles = co_await ctx_.client->List({cluster, kRoles, "", "", ""});
    if (!roles.ok()) co_return roles.status();
    bool any = false;
    for (const json::Value& role : roles->items) {
      if (!Aggregates(role) || api::IsDeleting(role)) continue;
      any = true;
      json::Array rules = AggregatedRules(role, roles->items);
      if (HasRules(role, rules)) continue;
      const std::string name(api::Name(role));
      json::Value applied = json::Value::MakeObject();
      applied.Ensure({"apiVersion"}) = "rbac.authorization.k8s.io/v1";
      applied.Ensure({"kind"}) = "ClusterRole";
      applied.Ensure({"metadata", "name"}) = name;
      applied.Ensure({"metadata", "uid"}) = api::Uid(role);  // not one made anew since
      if (!rules.empty()) applied.Ensure({"rules"}) = std::move(rules);
      auto written = co_await ctx_.client->Apply({cluster, kRoles, "", name, ""}, kManager, std::move(applied));
      if (!written.ok() && !api::IsNotFound(written.status()) && !api::IsConflict(written.status()))
        co_return written.status();
    }
    // What was made since the list was read has an event of its own, and runs this again.
    absl::MutexLock lock(&mutex_);
    if (any) {
      clusters_.insert(cluster_name);
    } else {
      clusters_.erase(cluster_name);
    }
    co_return Result{};
  }

 private:
  const Context ctx_;
  absl::Mutex mutex_;  // the scan runs on the pool
  // Clusters with an aggregating role: elsewhere a role's change concerns nobody. Bounded by their number.
  absl::flat_hash_set<std::string> clusters_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<Controller> NewClusterRoleAggregationController(const Context& context) {
  return std::make_unique<ClusterRoleAggregationController>(context);
}

}  // namespace atoll::controllers
