#include "shard/controllers/workspace/controller.h"

#include <algorithm>

#include "common/api/errors.h"
#include "common/api/object.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/log/log.h"
#include "shard/controllers/workspace/schedule.h"
#include "shard/storage/stored_object.h"
#include "shard/tenancy/new_cluster.h"

namespace atoll::controllers {
namespace {

const api::Gvr kWorkspaces{"tenancy.kcp.io", "v1alpha1", "workspaces"};
const api::GroupResource kLogicalClusters{"core.kcp.io", "logicalclusters"};

// One pass over one Workspace. Each step that changes metadata or spec is stored before the next begins, so that a
// crash between any two leaves a state from which the same steps lead on (I12):
//
//   (new) --place--> annotations shard+cluster --create--> LogicalCluster --adopt--> spec.cluster, spec.URL --phase-->
//   Ready deleting --> LogicalCluster deleting --> gone --> finalizer removed
class WorkspaceController final : public Controller {
 public:
  explicit WorkspaceController(const Context& context) : ctx_(context) {}

  std::string name() const override { return "kcp-workspace"; }
  std::vector<std::string> scopes() const override {
    return {storage::ResourceScope(kWorkspaces.gr()), storage::ResourceScope(kLogicalClusters)};
  }

  void OnEvent(const store::Event& event, std::vector<std::string>* keys) override {
    auto key = storage::DecodeKey(event.key);
    if (!key.ok()) return;
    if (key->resource == kWorkspaces.gr()) {
      if (event.kind != store::Event::Kind::kDeleted) keys->push_back(event.key);
    } else {
      OwnerKey(event.value, keys);
    }
  }

  void NeedsWork(std::string_view store_key, std::string_view value, std::vector<std::string>* keys) const override {
    auto key = storage::DecodeKey(store_key);
    if (!key.ok() || key->resource != kWorkspaces.gr()) return;
    // Those that are Ready and stay need nothing.
    if (value.find("\"phase\":\"Ready\"") != std::string_view::npos &&
        value.find("\"deletionTimestamp\":") == std::string_view::npos)
      return;
    keys->emplace_back(store_key);
  }

  Task<absl::StatusOr<Result>> Reconcile(std::string store_key) override {
    CO_ASSIGN_OR_RETURN(storage::ResourceKey key, storage::DecodeKey(store_key));
    const client::ObjectRef ref{key.cluster, kWorkspaces, "", key.name, ""};
    auto found = co_await ctx_.client->Get(ref);
    if (!found.ok()) {
      if (api::IsNotFound(found.status())) co_return Result{};
      co_return found.status();
    }
    json::Value workspace = *std::move(found);
    if (workspace.At({"spec", "mount"}) != nullptr) co_return Result{};
    if (api::IsDeleting(workspace)) {
      auto result = co_await Delete(ref, std::move(workspace));
      co_return result;
    }
    if (workspace.StringAt({"status", "phase"}) == "Ready" && !workspace.StringAt({"spec", "cluster"}).empty()) {
      auto result = co_await WatchReady(ref, std::move(workspace));
      co_return result;
    }
    auto result = co_await Create(ref, std::move(workspace));
    co_return result;
  }

 private:
  // The Workspace that owns a LogicalCluster, when it may live on this shard.
  void OwnerKey(std::string_view value, std::vector<std::string>* keys) {
    auto object = storage::StoredObject(std::string(value), {}).Decode();
    if (!object.ok() || object->StringAt({"spec", "owner", "resource"}) != "workspaces") return;
    auto cluster = LogicalClusterId::Parse(object->StringAt({"spec", "owner", "cluster"}));
    if (!cluster.ok() || ctx_.clusters->Find(*cluster) == nullptr) return;
    keys->push_back(storage::EncodeKey(
        {kWorkspaces.gr(), "", *cluster, "", std::string(object->StringAt({"spec", "owner", "name"}))}));
  }

  Task<absl::StatusOr<json::Value>> UpdateStatus(client::ObjectRef ref, json::Value workspace) {
    ref.subresource = "status";
    auto updated = co_await ctx_.client->Update(ref, std::move(workspace));
    co_return updated;
  }

  Task<absl::StatusOr<Result>> Unschedulable(client::ObjectRef ref, json::Value workspace, std::string message) {
    api::SetCondition(&workspace, "WorkspaceScheduled", false, ctx_.clock->Now(), "Unschedulable", "Error", message);
    ApplyTerminalConditions(&workspace);
    auto updated = co_await UpdateStatus(std::move(ref), std::move(workspace));
    if (!updated.ok()) co_return updated.status();
    // A shard may appear or become schedulable; shards are few and their changes rare, so looking again is enough.
    co_return Result{.requeue_after = absl::Milliseconds(500)};
  }

  Task<absl::StatusOr<Result>> Create(client::ObjectRef ref, json::Value workspace) {
    // Place: shard and cluster id, stored before anything is made there.
    if (api::Annotation(workspace, tenancy::kClusterAnnotation).empty()) {
      auto shard = ChooseShard(workspace, ctx_.catalog->Shards(), *ctx_.random);
      if (!shard.ok()) {
        auto result =
            co_await Unschedulable(std::move(ref), std::move(workspace), std::string(shard.status().message()));
        co_return result;
      }
      char seed[32];
      ctx_.random->Fill(seed, sizeof(seed));
      api::SetAnnotation(&workspace, tenancy::kShardAnnotation, shard->name);
      api::SetAnnotation(&workspace, tenancy::kShardHashAnnotation, ShardHash(shard->name));
      api::SetAnnotation(&workspace, tenancy::kClusterAnnotation,
                         NewClusterId(std::string_view(seed, sizeof(seed))).name());
      if (std::string_view region = shard->Label("region"); !region.empty())
        api::SetLabel(&workspace, "region", region);
      api::SetLabel(&workspace, tenancy::kPhaseLabel, "Scheduling");
      api::AddFinalizer(&workspace, tenancy::kWorkspaceFinalizer);
      auto updated = co_await ctx_.client->Update(ref, std::move(workspace));
      if (!updated.ok()) co_return updated.status();
      workspace = *std::move(updated);
    }

    const std::string shard_name(api::Annotation(workspace, tenancy::kShardAnnotation));
    std::optional<tenancy::ShardInfo> shard = ctx_.catalog->FindShard(shard_name);
    tenancy::ClusterAdmin* admin = ctx_.admins->ForShard(shard_name);
    if (!shard.has_value() || admin == nullptr) {
      auto result = co_await Unschedulable(
          std::move(ref), std::move(workspace),
          StrCat("chosen shard \"", shard_name, "\" does not exist anymore: shards.core.kcp.io \"", shard_name,
                 "\" not found"));
      co_return result;
    }
    CO_ASSIGN_OR_RETURN(LogicalClusterId cluster,
                        LogicalClusterId::Parse(api::Annotation(workspace, tenancy::kClusterAnnotation)));

    // Create, or find what an earlier attempt created.
    std::shared_ptr<const registry::ClusterInfo> parent = ctx_.clusters->Find(ref.cluster);
    if (parent == nullptr) co_return absl::FailedPreconditionError("the parent logical cluster is not on this shard");
    std::vector<std::string> initializers, terminators;
    if (tenancy::TypePtr type = ctx_.catalog->FindType(workspace.StringAt({"spec", "type", "path"}),
                                                       workspace.StringAt({"spec", "type", "name"}))) {
      CO_ASSIGN_OR_RETURN(std::vector<tenancy::TypePtr> expanded, ctx_.catalog->Expand(type));
      initializers = tenancy::InitializersOf(expanded);
      terminators = tenancy::TerminatorsOf(expanded);
    }
    auto logical_cluster =
        co_await admin->Create(cluster, LogicalClusterFor(workspace, ref.cluster.name(), parent->path,
                                                          parent->required_groups, initializers, terminators));
    if (!logical_cluster.ok()) {
      if (!absl::IsAlreadyExists(logical_cluster.status())) co_return logical_cluster.status();
      // The id is taken by somebody else: draw another.
      api::RemoveAnnotation(&workspace, tenancy::kClusterAnnotation);
      auto updated = co_await ctx_.client->Update(ref, std::move(workspace));
      if (!updated.ok()) co_return updated.status();
      co_return Result{.requeue_after = absl::ZeroDuration()};
    }

    const std::string phase(logical_cluster->StringAt({"status", "phase"}));
    const bool ready = phase == "Ready" || phase == "Inactive";

    // Adopt: the Workspace says where its cluster is.
    const std::string url = StrCat(shard->external_url, "/clusters/", parent->path, ":", ref.name);
    if (workspace.StringAt({"spec", "cluster"}) != cluster.name() || workspace.StringAt({"spec", "URL"}) != url ||
        api::Label(workspace, tenancy::kPhaseLabel) != (ready ? "Ready" : "Initializing")) {
      workspace.Ensure({"spec", "cluster"}) = cluster.name();
      workspace.Ensure({"spec", "URL"}) = url;
      api::SetLabel(&workspace, tenancy::kPhaseLabel, ready ? "Ready" : "Initializing");
      if (ready) tenancy::TrimOwner(&workspace);
      auto updated = co_await ctx_.client->Update(ref, std::move(workspace));
      if (!updated.ok()) co_return updated.status();
      workspace = *std::move(updated);
    }

    const absl::Time now = ctx_.clock->Now();
    api::SetCondition(&workspace, "WorkspaceScheduled", true, now);
    workspace.Ensure({"status", "phase"}) = ready ? "Ready" : "Initializing";
    CopyList(*logical_cluster, "initializers", &workspace);
    CopyList(*logical_cluster, "terminators", &workspace);
    if (ready) {
      api::SetCondition(&workspace, "WorkspaceInitialized", true, now);
    } else {
      std::string names;
      if (const json::Value* list = logical_cluster->At({"status", "initializers"});
          list != nullptr && list->is_array()) {
        for (const json::Value& i : list->array()) StrAppend(&names, names.empty() ? "" : " ", i.StringOr());
      }
      api::SetCondition(&workspace, "WorkspaceInitialized", false, now, "InitializerExists", "Info",
                        StrCat("Initializers still exist: [", names, "]"));
    }
    const bool local = shard_name == ctx_.shard_name;
    auto updated = co_await UpdateStatus(ref, std::move(workspace));
    if (!updated.ok()) co_return updated.status();
    // A local cluster's changes come as events; another shard's are asked for.
    co_return Result{.requeue_after = ready || local ? absl::InfiniteDuration() : absl::Milliseconds(500)};
  }

  // Ready: keep the phase label and the URL in line.
  Task<absl::StatusOr<Result>> WatchReady(client::ObjectRef ref, json::Value workspace) {
    if (api::Label(workspace, tenancy::kPhaseLabel) == "Ready") co_return Result{};
    api::SetLabel(&workspace, tenancy::kPhaseLabel, "Ready");
    auto updated = co_await ctx_.client->Update(ref, std::move(workspace));
    if (!updated.ok()) co_return updated.status();
    co_return Result{};
  }

  Task<absl::StatusOr<Result>> Delete(client::ObjectRef ref, json::Value workspace) {
    std::vector<std::string> finalizers = api::Finalizers(workspace);
    if (!api::HasFinalizer(workspace, tenancy::kWorkspaceFinalizer)) co_return Result{};
    // Users' finalizers come first; an event tells when they go.
    if (finalizers.size() > 1) co_return Result{};

    auto cluster = LogicalClusterId::Parse(api::Annotation(workspace, tenancy::kClusterAnnotation));
    tenancy::ClusterAdmin* admin = ctx_.admins->ForShard(api::Annotation(workspace, tenancy::kShardAnnotation));
    if (cluster.ok() && admin == nullptr) co_return absl::UnavailableError("the workspace's shard is not known");
    if (cluster.ok()) {
      const bool terminating = HasTerminators(workspace);
      const std::string_view phase = terminating ? "Terminating" : "Deleting";
      if (workspace.StringAt({"status", "phase"}) != phase) {
        api::SetCondition(&workspace, "WorkspaceContentDeleted", false, ctx_.clock->Now(), "SomeResourcesRemain",
                          "Info", "");
        workspace.Ensure({"status", "phase"}) = phase;
        auto updated = co_await UpdateStatus(ref, std::move(workspace));
        if (!updated.ok()) co_return updated.status();
        workspace = *std::move(updated);
      }
      // What others have to do first may take long: then the cluster's events tell, or a look now and then.
      auto deletion = co_await admin->Delete(*cluster, std::string(api::Uid(workspace)),
                                             terminating ? absl::ZeroDuration() : absl::Seconds(5));
      if (!deletion.ok() && !absl::IsFailedPrecondition(deletion.status())) co_return deletion.status();
      if (deletion.ok() && !deletion->gone) {
        const json::Value& logical_cluster = deletion->logical_cluster;
        const json::Value before = workspace;
        CopyList(logical_cluster, "terminators", &workspace);
        if (const json::Value* c = api::FindCondition(logical_cluster, "WorkspaceContentDeleted")) {
          api::SetCondition(&workspace, "WorkspaceContentDeleted", c->StringAt({"status"}) == "True", ctx_.clock->Now(),
                            c->StringAt({"reason"}), c->StringAt({"severity"}), c->StringAt({"message"}));
        }
        // A local cluster's changes come as events; another shard's are asked for, less and less often.
        const bool waits = HasTerminators(workspace);
        const bool local = api::Annotation(workspace, tenancy::kShardAnnotation) == ctx_.shard_name;
        const auto since = api::ParseTime(workspace.StringAt({"metadata", "deletionTimestamp"}));
        const absl::Duration look = std::clamp((ctx_.clock->Now() - since.value_or(absl::UnixEpoch())) / 5,
                                               absl::Milliseconds(500), absl::Minutes(5));
        if (!(workspace == before)) {
          auto updated = co_await UpdateStatus(ref, std::move(workspace));
          if (!updated.ok()) co_return updated.status();
        }
        co_return Result{.requeue_after = !waits ? absl::ZeroDuration() : local ? absl::InfiniteDuration() : look};
      }
    }
    api::RemoveFinalizer(&workspace, tenancy::kWorkspaceFinalizer);
    auto updated = co_await ctx_.client->Update(ref, std::move(workspace));
    if (!updated.ok() && !api::IsNotFound(updated.status())) co_return updated.status();
    co_return Result{};
  }

  static bool HasTerminators(const json::Value& workspace) {
    const json::Value* list = workspace.At({"status", "terminators"});
    return list != nullptr && list->is_array() && !list->array().empty();
  }

  static void CopyList(const json::Value& logical_cluster, std::string_view member, json::Value* workspace) {
    const json::Value* list = logical_cluster.At({"status", member});
    if (list != nullptr && list->is_array() && !list->array().empty()) {
      workspace->Ensure({"status", member}) = *list;
    } else {
      workspace->Remove({"status", member});
    }
  }

  const Context ctx_;
};

}  // namespace

std::unique_ptr<Controller> NewWorkspaceController(const Context& context) {
  return std::make_unique<WorkspaceController>(context);
}

}  // namespace atoll::controllers
