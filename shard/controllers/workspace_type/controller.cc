#include "shard/controllers/workspace_type/controller.h"

#include <algorithm>

#include "absl/strings/numbers.h"
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
constexpr std::string_view kAllTypes = "all types at ";

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
    } else if (event.kind != store::Event::Kind::kDeleted) {
      keys->push_back(event.key);
    }
  }

  void NeedsWork(std::string_view store_key, std::string_view, std::vector<std::string>* keys) const override {
    if (IsReplica(store_key)) return;
    auto key = storage::DecodeKey(store_key);
    if (key.ok() && key->resource == kWorkspaceTypes.gr()) keys->emplace_back(store_key);
  }

  Task<absl::StatusOr<Result>> Reconcile(std::string store_key) override {
    if (store_key.starts_with(kAllTypes)) {
      auto all = co_await ListTypes(store_key.substr(kAllTypes.size()));
      co_return all;
    }
    CO_ASSIGN_OR_RETURN(storage::ResourceKey key, storage::DecodeKey(store_key));
    client::ObjectRef ref{key.cluster, kWorkspaceTypes, "", key.name, ""};
    auto type = co_await ctx_.client->Get(ref);
    if (!type.ok()) {
      if (api::IsNotFound(type.status())) co_return Result{};
      co_return type.status();
    }
    if (api::IsDeleting(*type)) co_return Result{};
    if (SetVirtualWorkspaces(StrCat(key.cluster.name(), ":", key.name), ctx_.catalog->Shards(), ctx_.clock->Now(),
                             &*type)) {
      ref.subresource = "status";
      auto updated = co_await ctx_.client->Update(ref, *std::move(type));
      if (!updated.ok() && !api::IsNotFound(updated.status())) co_return updated.status();
    }
    co_return Result{};
  }

 private:
  // Shards other than root hear of Shards from root's, through the replica.
  bool IsReplica(std::string_view key) const {
    return !ctx_.replica_scope.empty() && key.starts_with(ctx_.replica_scope);
  }

  // Keys that stand for all types of this shard, now and once the catalog has followed: each type names every shard, so
  // a Shard's change concerns them all.
  void AllTypes(std::vector<std::string>* keys) const {
    const absl::Time now = ctx_.clock->Now();
    for (absl::Time at : {now, now + kCatalogFollowsWithin}) keys->push_back(StrCat(kAllTypes, absl::ToUnixMillis(at)));
  }

  Task<absl::StatusOr<Result>> ListTypes(std::string at) {
    int64_t millis = 0;
    if (!absl::SimpleAtoi(at, &millis)) co_return Result{};
    const absl::Duration wait = absl::FromUnixMillis(millis) - ctx_.clock->Now();
    if (wait > absl::ZeroDuration()) co_return Result{.requeue_after = std::min(wait, kCatalogFollowsWithin)};
    auto view = ctx_.store->Snapshot();
    auto result = co_await ctx_.pool->Run([view]() -> absl::StatusOr<Result> {
      Result all;
      const std::string scope = storage::ResourceScope(kWorkspaceTypes.gr());
      RETURN_IF_ERROR(
          view->Scan(scope, store::ScopeEnd(scope), [&](std::string_view key, std::string_view, store::Revision) {
            all.also.emplace_back(key);
            return true;
          }));
      return all;
    });
    if (!result.ok()) co_return result.status();
    co_return *std::move(result);
  }

  const Context ctx_;
};

}  // namespace

std::unique_ptr<Controller> NewWorkspaceTypeController(const Context& context) {
  return std::make_unique<WorkspaceTypeController>(context);
}

}  // namespace atoll::controllers
