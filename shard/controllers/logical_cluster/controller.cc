#include "shard/controllers/logical_cluster/controller.h"

#include "absl/strings/str_cat.h"
#include "common/api/errors.h"
#include "common/api/object.h"
#include "common/base/status.h"
#include "shard/controllers/logical_cluster/phase.h"
#include "shard/storage/stored_object.h"
#include "shard/tenancy/lifecycle.h"
#include "shard/tenancy/new_cluster.h"

namespace atoll::controllers {
namespace {

const api::Gvr kLogicalClusters{"core.kcp.io", "v1alpha1", "logicalclusters"};
const api::Gvr kClusterRoleBindings{"rbac.authorization.k8s.io", "v1", "clusterrolebindings"};
constexpr std::string_view kWorkspaceAdmin = "workspace-admin";

class LogicalClusterController final : public Controller {
 public:
  explicit LogicalClusterController(const Context& context) : ctx_(context) {}

  std::string name() const override { return "kcp-logicalcluster"; }
  std::vector<std::string> scopes() const override {
    return {storage::ResourceScope(kLogicalClusters.gr()), storage::ResourceScope(kClusterRoleBindings.gr())};
  }

  void OnEvent(const store::Event& event, std::vector<std::string>* keys) override {
    auto key = storage::DecodeKey(event.key);
    if (!key.ok()) return;
    if (key->resource == kLogicalClusters.gr()) {
      if (event.kind == store::Event::Kind::kDeleted) return;
      // A Ready cluster that is not being deleted needs nothing; those are most of the events.
      NeedsWork(event.key, event.value, keys);
    } else if (key->name == kWorkspaceAdmin && event.kind != store::Event::Kind::kCreated) {
      keys->push_back(storage::EncodeKey({kLogicalClusters.gr(), "", key->cluster, "", "cluster"}));
    }
  }

  void NeedsWork(std::string_view store_key, std::string_view value, std::vector<std::string>* keys) const override {
    auto key = storage::DecodeKey(store_key);
    if (!key.ok() || key->resource != kLogicalClusters.gr()) return;
    const bool deleting = value.find("\"deletionTimestamp\":") != std::string_view::npos;
    const bool settled = value.find("\"phase\":\"Ready\"") != std::string_view::npos &&
                         value.find("core.kcp.io/inactive") == std::string_view::npos &&
                         value.find("internal.kcp.io/inactive") == std::string_view::npos;
    if (deleting || !settled) keys->emplace_back(store_key);
  }

  Task<absl::StatusOr<Result>> Reconcile(std::string store_key) override {
    CO_ASSIGN_OR_RETURN(storage::ResourceKey key, storage::DecodeKey(store_key));
    const client::ObjectRef ref{key.cluster, kLogicalClusters, "", "cluster", ""};
    auto found = co_await ctx_.client->Get(ref);
    if (!found.ok()) {
      if (api::IsNotFound(found.status())) co_return Result{};
      co_return found.status();
    }
    json::Value cluster = *std::move(found);

    // Who waits for the cluster in a virtual workspace selects it by labels: first what it no longer waits for.
    if (tenancy::SetLifecycleMetadata(&cluster)) {
      auto updated = co_await ctx_.client->Update(ref, std::move(cluster));
      if (!updated.ok()) co_return updated.status();
      cluster = *std::move(updated);
    }
    if (NextPhase(&cluster, ctx_.clock->Now())) {
      client::ObjectRef status = ref;
      status.subresource = "status";
      auto updated = co_await ctx_.client->Update(status, cluster);
      if (!updated.ok()) co_return updated.status();
      cluster = *std::move(updated);
    }
    const std::string phase(cluster.StringAt({"status", "phase"}));
    if (api::Label(cluster, tenancy::kPhaseLabel) != phase) {
      api::SetLabel(&cluster, tenancy::kPhaseLabel, phase);
      if (phase == "Ready") tenancy::TrimOwner(&cluster);
      auto updated = co_await ctx_.client->Update(ref, std::move(cluster));
      if (!updated.ok()) co_return updated.status();
      cluster = *std::move(updated);
    }
    ctx_.clusters->Put(key.cluster, cluster);

    if (!api::IsDeleting(cluster)) {
      absl::Status bound = co_await EnsureAdministrator(key.cluster, cluster);
      if (!bound.ok()) co_return bound;
      co_return Result{};
    }
    if (phase != "Deleting") co_return Result{};

    auto remaining = co_await ctx_.content->RemoveCluster(key.cluster, cluster);
    if (!remaining.ok()) {
      // A lost race against another write of the content: look again at once.
      if (absl::IsAborted(remaining.status()) || absl::IsNotFound(remaining.status()))
        co_return Result{.requeue_after = absl::ZeroDuration()};
      co_return remaining.status();
    }
    if (remaining->empty()) co_return Result{};
    if (api::SetCondition(&cluster, "WorkspaceContentDeleted", false, ctx_.clock->Now(), "SomeResourcesRemain", "Info",
                          RemainingMessage(*remaining))) {
      client::ObjectRef status = ref;
      status.subresource = "status";
      auto updated = co_await ctx_.client->Update(status, std::move(cluster));
      if (!updated.ok() && !api::IsConflict(updated.status())) co_return updated.status();
    }
    // Children and finalizers go without an event of this object's own.
    co_return Result{.requeue_after = absl::Milliseconds(20)};
  }

 private:
  // ClusterRoleBinding workspace-admin names the creator; deleted or changed, it is put back.
  Task<absl::Status> EnsureAdministrator(LogicalClusterId cluster, const json::Value& object) {
    const std::string creator(object.StringAt({"spec", "createdBy", "username"}));
    if (creator.empty()) co_return absl::OkStatus();
    const json::Value wanted = tenancy::WorkspaceAdminBinding(creator);
    const client::ObjectRef ref{cluster, kClusterRoleBindings, "", std::string(kWorkspaceAdmin), ""};
    auto existing = co_await ctx_.client->Get(ref);
    if (existing.ok() && *existing->Find("subjects") == *wanted.Find("subjects") &&
        *existing->Find("roleRef") == *wanted.Find("roleRef")) {
      co_return absl::OkStatus();
    }
    if (existing.ok()) {
      // A roleRef cannot be changed in place.
      absl::Status deleted = co_await ctx_.client->Delete(ref, std::string(api::Uid(*existing)));
      if (!deleted.ok() && !api::IsNotFound(deleted)) co_return deleted;
    } else if (!api::IsNotFound(existing.status())) {
      co_return existing.status();
    }
    auto created = co_await ctx_.client->Create(ref, wanted);
    if (!created.ok() && !api::IsAlreadyExists(created.status())) co_return created.status();
    co_return absl::OkStatus();
  }

  const Context ctx_;
};

}  // namespace

std::unique_ptr<Controller> NewLogicalClusterController(const Context& context) {
  return std::make_unique<LogicalClusterController>(context);
}

}  // namespace atoll::controllers
