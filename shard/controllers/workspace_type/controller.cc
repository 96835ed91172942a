#include "shard/controllers/workspace_type/controller.h"

#include "absl/container/flat_hash_set.h"
#include "common/api/errors.h"
#include "common/api/object.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "shard/controllers/workspace_type/urls.h"
#include "shard/storage/stored_object.h"

namespace atoll::controllers {
namespace {

const api::Gvr kWorkspaceTypes{"tenancy.kcp.io", "v1alpha1", "workspacetypes"};
const api::GroupResource kShards{"core.kcp.io", "shards"};
constexpr size_t kReplicaResource = 2;  // which part of a replica's key names the resource
// The catalog follows the same log as we do, and may come to a Shard a moment after us.
constexpr absl::Duration kCatalogFollowsWithin = absl::Seconds(1);

class WorkspaceTypeController final : public Controller {
 public:
  explicit WorkspaceTypeController(const Context& context) : ctx_(context) {}

  std::string name() const override { return "kcp-workspacetypes"; }
  std::vector<std::string> scopes() const override {
    std::vector<std::string> scopes = {storage::ResourceScope(kWorkspaceTypes.gr()), storage::ResourceScope(kShards)};
    if (!ctx_.replica_scope.empty()) scopes.push_back(ctx_.replica_scope);
    return scopes;
  }

  void OnEvent(const store::Event& event, std::vector<std::string>* keys) override {
    if (IsReplica(event.key)) {
      const std::vector<std::string_view> parts = store::SplitKey(event.key);
      if (parts.size() > kReplicaResource && parts[kReplicaResource] == kShards.ToString()) AllTypes(keys);
      return;
    }
    auto key = storage::DecodeKey(event.key);
    if (!key.ok()) return;
    if (key->resource == kShards) {
      AllTypes(keys);
    } else if (event.kind == store::Event::Kind::kDeleted) {
      types_.erase(event.key);
      again_.erase(event.key);
    } else {
      types_.insert(event.key);
      keys->push_back(event.key);
    }
  }

  void OnScan(std::string_view store_key, std::string_view, std::vector<std::string>* keys) override {
    if (IsReplica(store_key)) return;
    auto key = storage::DecodeKey(store_key);
    if (!key.ok() || key->resource != kWorkspaceTypes.gr()) return;
    types_.emplace(store_key);
    keys->emplace_back(store_key);
  }

  Task<absl::StatusOr<Result>> Reconcile(std::string store_key) override {
    CO_ASSIGN_OR_RETURN(storage::ResourceKey key, storage::DecodeKey(store_key));
    client::ObjectRef ref{key.cluster, kWorkspaceTypes, "", key.name, ""};
    auto type = co_await ctx_.client->Get(ref);
    if (!type.ok()) {
      if (api::IsNotFound(type.status())) co_return Result{};
      co_return type.status();
    }
    if (api::IsDeleting(*type)) co_return Result{};
    const bool again = again_.erase(store_key) > 0;
    if (SetVirtualWorkspaces(StrCat(key.cluster.name(), ":", key.name), ctx_.catalog->Shards(), ctx_.clock->Now(),
                             &*type)) {
      ref.subresource = "status";
      auto updated = co_await ctx_.client->Update(ref, *std::move(type));
      if (!updated.ok() && !api::IsNotFound(updated.status())) co_return updated.status();
    }
    co_return Result{.requeue_after = again ? kCatalogFollowsWithin : absl::InfiniteDuration()};
  }

 private:
  // Shards other than root hear of Shards from root's, through the replica.
  bool IsReplica(std::string_view key) const {
    return !ctx_.replica_scope.empty() && key.starts_with(ctx_.replica_scope);
  }
  // Every type names every shard.
  void AllTypes(std::vector<std::string>* keys) {
    keys->insert(keys->end(), types_.begin(), types_.end());
    again_.insert(types_.begin(), types_.end());
  }

  const Context ctx_;
  // Store keys of the types of this shard, and of those to look at once more. Bounded by their number.
  absl::flat_hash_set<std::string> types_, again_;
};

}  // namespace

std::unique_ptr<Controller> NewWorkspaceTypeController(const Context& context) {
  return std::make_unique<WorkspaceTypeController>(context);
}

}  // namespace atoll::controllers
