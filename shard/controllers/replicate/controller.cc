#include "shard/controllers/replicate/controller.h"

#include <utility>

#include "absl/strings/match.h"
#include "common/api/errors.h"
#include "common/api/object.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "shard/controllers/replicate/marks.h"
#include "shard/replication/replicated.h"
#include "shard/storage/stored_object.h"

namespace atoll::controllers {
namespace {

const api::Gvr kRoles{"rbac.authorization.k8s.io", "v1", "clusterroles"};
const api::Gvr kBindings{"rbac.authorization.k8s.io", "v1", "clusterrolebindings"};
const api::Gvr kLogicalClusters{"core.kcp.io", "v1alpha1", "logicalclusters"};
const api::GroupResource kExports{"apis.kcp.io", "apiexports"};
const api::GroupResource kTypes{"tenancy.kcp.io", "workspacetypes"};
constexpr std::string_view kLogicalCluster = "cluster";

bool Marked(std::string_view value) {
  return absl::StrContains(ToAbsl(value), ToAbsl(replication::kReplicateAnnotation));
}

using View = std::shared_ptr<const store::SnapshotView>;

absl::StatusOr<std::vector<json::Value>> ReadAll(const store::SnapshotView& view, const std::string& scope) {
  std::vector<json::Value> out;
  absl::Status bad;
  RETURN_IF_ERROR(
      view.Scan(scope, store::ScopeEnd(scope), [&](std::string_view, std::string_view value, store::Revision modified) {
        auto object = storage::StoredObject(std::string(value), modified).Decode();
        if (!object.ok()) {
          bad = object.status();
          return false;
        }
        out.push_back(*std::move(object));
        return true;
      }));
  RETURN_IF_ERROR(bad);
  return out;
}

absl::StatusOr<json::Value> ReadOne(const store::SnapshotView& view, const storage::ResourceKey& key) {
  ASSIGN_OR_RETURN(std::optional<store::Entry> entry, view.Get(storage::EncodeKey(key)));
  if (!entry.has_value()) return json::Value();
  return storage::StoredObject(std::move(entry->value), entry->modified).Decode();
}

absl::StatusOr<bool> HasAny(const store::SnapshotView& view, const std::string& scope) {
  bool any = false;
  RETURN_IF_ERROR(view.Scan(scope, store::ScopeEnd(scope), [&](std::string_view, std::string_view, store::Revision) {
    any = true;
    return false;
  }));
  return any;
}

// Blocking: on the pool.
absl::StatusOr<ClusterMarks> Read(const store::SnapshotView& view, const LogicalClusterId& cluster) {
  ClusterMarks out;
  const auto scope = [&](const api::GroupResource& gr) { return storage::ClusterScopeKey(gr, "", cluster); };
  ASSIGN_OR_RETURN(out.logical_cluster,
                   ReadOne(view, {kLogicalClusters.gr(), "", cluster, "", std::string(kLogicalCluster)}));
  ASSIGN_OR_RETURN(out.roles, ReadAll(view, scope(kRoles.gr())));
  ASSIGN_OR_RETURN(out.bindings, ReadAll(view, scope(kBindings.gr())));
  ASSIGN_OR_RETURN(out.has_exports, HasAny(view, scope(kExports)));
  ASSIGN_OR_RETURN(out.has_types, HasAny(view, scope(kTypes)));
  for (const json::Value& binding : out.bindings) {
    const std::string name(ClusterRoleOf(binding));
    if (name.empty() || out.shared_roles.contains(name)) continue;
    ASSIGN_OR_RETURN(json::Value role, ReadOne(view, {kRoles.gr(), "", SystemAdminCluster(), "", name}));
    if (role.is_object()) out.shared_roles.emplace(name, std::move(role));
  }
  return out;
}

class ReplicateController final : public Controller {
 public:
  explicit ReplicateController(const Context& context) : ctx_(context) {}

  std::string name() const override { return "kcp-replicate"; }
  std::vector<std::string> scopes() const override {
    return {storage::ResourceScope(kRoles.gr()), storage::ResourceScope(kBindings.gr()),
            storage::ResourceScope(kLogicalClusters.gr()), storage::ResourceScope(kExports),
            storage::ResourceScope(kTypes)};
  }

  void OnEvent(const store::Event& event, std::vector<std::string>* keys) override {
    auto key = storage::DecodeKey(event.key);
    if (!key.ok() || key->cluster.is_system()) return;
    using Kind = store::Event::Kind;
    if (key->resource == kLogicalClusters.gr()) {
      // Its mark decides about roles. New ones are made without, and most never get one.
      if (event.kind != Kind::kUpdated || !Marked(event.value)) return;
    } else if (key->resource == kExports || key->resource == kTypes) {
      if (event.kind == Kind::kUpdated) return;
    } else if (key->resource == kBindings.gr() && event.kind == Kind::kCreated && key->name == "workspace-admin" &&
               Marked(event.value)) {
      return;  // every new workspace has it, as it should be
    }
    keys->push_back(key->cluster.name());
  }

  void NeedsWork(std::string_view store_key, std::string_view value, std::vector<std::string>* keys) const override {
    // Clusters where a pass may have been cut off: those that have to do with marks at all, which are few.
    auto key = storage::DecodeKey(store_key);
    if (!key.ok() || key->cluster.is_system()) return;
    const bool marked = Marked(value);
    if (key->resource == kLogicalClusters.gr() ? marked : key->resource == kExports || key->resource == kTypes) {
      keys->push_back(key->cluster.name());
      return;
    }
    if (key->resource == kLogicalClusters.gr()) return;
    if (key->resource == kBindings.gr() && key->name == "workspace-admin" && marked) return;  // as every cluster has it
    bool concerns = marked;
    if (!concerns) {
      auto object = storage::StoredObject(std::string(value), {}).Decode();
      concerns = !object.ok() || MayBeMarked(*object);
    }
    if (concerns) keys->push_back(key->cluster.name());
  }

  Task<absl::StatusOr<Result>> Reconcile(std::string cluster_name) override {
    const LogicalClusterId cluster(cluster_name);
    View view = ctx_.store->Snapshot();
    auto read = co_await ctx_.pool->Run([view, cluster] { return Read(*view, cluster); });
    if (!read.ok()) co_return read.status();
    if (!read->ok()) co_return read->status();
    const ClusterMarks& marks = **read;
    // A cluster that goes takes all of it along.
    if (!marks.logical_cluster.is_object() || api::IsDeleting(marks.logical_cluster)) co_return Result{};
    for (MarkChange& change : MarkChanges(marks)) {
      const api::Gvr& gvr = change.kind == MarkChange::Kind::kRole      ? kRoles
                            : change.kind == MarkChange::Kind::kBinding ? kBindings
                                                                        : kLogicalClusters;
      json::Value patch = json::Value::MakeObject();
      patch.Ensure({"metadata", "annotations", replication::kReplicateAnnotation}) =
          change.mark.empty() ? json::Value() : json::Value(change.mark);
      auto patched = co_await ctx_.client->MergePatch({cluster, gvr, "", change.name, ""}, std::move(patch));
      if (!patched.ok() && !api::IsNotFound(patched.status())) co_return patched.status();
    }
    co_return Result{};
  }

 private:
  const Context ctx_;
};

}  // namespace

std::unique_ptr<Controller> NewReplicateController(const Context& context) {
  return std::make_unique<ReplicateController>(context);
}

}  // namespace atoll::controllers
