#include "shard/controllers/cluster_role_aggregation/controller.h"

#include "absl/strings/match.h"
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
    if (auto key = storage::DecodeKey(event.key); key.ok()) keys->push_back(key->cluster.name());
  }

  void NeedsWork(std::string_view store_key, std::string_view value, std::vector<std::string>* keys) const override {
    if (!MayAggregate(value)) return;
    if (auto key = storage::DecodeKey(store_key); key.ok()) keys->push_back(key->cluster.name());
  }

  Task<absl::StatusOr<Result>> Reconcile(std::string cluster_name) override {
    const LogicalClusterId cluster(cluster_name);
    // Most clusters have no aggregating role, and a role's change concerns nobody there.
    auto may = co_await ctx_.pool->Run([view = ctx_.store->Snapshot(), cluster]() -> absl::StatusOr<bool> {
      bool found = false;
      const std::string scope = storage::ClusterScopeKey(kRoles.gr(), "", cluster);
      RETURN_IF_ERROR(
          view->Scan(scope, store::ScopeEnd(scope), [&](std::string_view, std::string_view value, store::Revision) {
            found = MayAggregate(value);
            return !found;
          }));
      return found;
    });
    if (!may.ok()) co_return may.status();
    if (!may->ok()) co_return may->status();
    if (!**may) co_return Result{};
    // By name, as the store keeps them.
    auto roles = co_await ctx_.client->List({cluster, kRoles, "", "", ""});
    if (!roles.ok()) co_return roles.status();
    for (const json::Value& role : roles->items) {
      if (!Aggregates(role) || api::IsDeleting(role)) continue;
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
    co_return Result{};
  }

 private:
  const Context ctx_;
};

}  // namespace

std::unique_ptr<Controller> NewClusterRoleAggregationController(const Context& context) {
  return std::make_unique<ClusterRoleAggregationController>(context);
}

}  // namespace atoll::controllers
