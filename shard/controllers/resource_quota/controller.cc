#include "shard/controllers/resource_quota/controller.h"

#include <utility>

#include "common/api/errors.h"
#include "common/api/object.h"
#include "common/base/status.h"
#include "shard/controllers/resource_quota/schedule.h"
#include "shard/quota/count.h"
#include "shard/quota/usage.h"
#include "shard/storage/stored_object.h"

namespace atoll::controllers {
namespace {

const api::Gvr kQuotas{"", "v1", "resourcequotas"};
const api::GroupResource kNamespaces{"", "namespaces"};

class ResourceQuotaController final : public Controller {
 public:
  explicit ResourceQuotaController(const Context& context) : ctx_(context) {}

  std::string name() const override { return "kcp-kube-quota"; }
  std::vector<std::string> scopes() const override {
    return {storage::ResourceScope(kQuotas.gr()), storage::ResourceScope(kNamespaces)};
  }

  void OnEvent(const store::Event& event, std::vector<std::string>* keys) override {
    const bool deleted = event.kind == store::Event::Kind::kDeleted;
    auto key = storage::DecodeKey(event.key);
    if (!key.ok()) return;
    if (key->resource == kNamespaces) {
      // Its content went in bulk, and nobody subtracted it from the cluster's counts.
      if (!deleted) return;
      for (const auto& [ns, name] : ctx_.quotas->In(key->cluster, quota::kClusterQuotaNamespace))
        keys->push_back(storage::EncodeKey({kQuotas.gr(), "", key->cluster, ns, name}));
    } else if (deleted) {
      ctx_.quotas->Erase(key->cluster, key->ns, key->name);
    } else {
      ctx_.quotas->Put(key->cluster, key->ns, key->name);
      // Each counted write changes the quota, too: those are none of ours.
      auto quota = storage::StoredObject(event.value, event.revision).Decode();
      if (!quota.ok() || quota::HardDiffers(*quota)) keys->push_back(event.key);
    }
  }

  void NeedsWork(std::string_view store_key, std::string_view, std::vector<std::string>* keys) const override {
    static const std::string quotas = storage::ResourceScope(kQuotas.gr());
    if (store_key.starts_with(quotas)) keys->emplace_back(store_key);
  }

  Task<absl::StatusOr<Result>> Reconcile(std::string store_key) override {
    CO_ASSIGN_OR_RETURN(storage::ResourceKey key, storage::DecodeKey(store_key));
    const client::ObjectRef ref{key.cluster, kQuotas, key.ns, key.name, ""};
    auto read = co_await ctx_.client->Get(ref);
    if (!read.ok()) {
      if (api::IsNotFound(read.status())) co_return Result{};
      co_return read.status();
    }
    if (api::IsDeleting(*read)) co_return Result{};
    json::Value quota = *read;
    auto counted = co_await Count(key.cluster, quota);
    if (!counted.ok()) co_return counted.status();
    quota::SetStatus(*counted, &quota);
    if (quota == *read) co_return Result{.requeue_after = RecountAfter(Counted::kUnchanged)};
    auto updated = co_await Write(ref, std::move(quota));
    if (updated.ok()) co_return Result{.requeue_after = RecountAfter(Counted::kChanged)};
    if (api::IsNotFound(updated.status())) co_return Result{};
    if (!api::IsConflict(updated.status())) co_return updated.status();
    // Writes were counted meanwhile. What is bounded must not wait for a quiet moment; the count may.
    for (int attempt = 0; attempt < kHardAttemptsMax; ++attempt) {
      auto now = co_await ctx_.client->Get(ref);
      if (!now.ok() || !quota::HardDiffers(*now)) break;
      quota::SetStatus({}, &*now);
      auto forced = co_await Write(ref, *std::move(now));
      if (!api::IsConflict(forced.status())) break;
    }
    co_return Result{.requeue_after = RecountAfter(Counted::kLostRace)};
  }

 private:
  static constexpr int kHardAttemptsMax = 20;

  Task<absl::StatusOr<json::Value>> Write(client::ObjectRef ref, json::Value quota) {
    ref.subresource = "status";
    return ctx_.client->Update(std::move(ref), std::move(quota));
  }

  // By name; resources that the cluster does not serve are left out.
  Task<absl::StatusOr<std::map<std::string, int64_t>>> Count(LogicalClusterId cluster, const json::Value& quota) {
    std::map<std::string, int64_t> out;
    const std::string ns = quota::IsClusterScoped(quota) ? std::string() : std::string(api::Namespace(quota));
    const json::Value* hard = quota.At({"spec", "hard"});
    if (hard == nullptr || !hard->is_object()) co_return out;
    for (const auto& [name, bound] : hard->object()) {
      const auto resource = quota::CountedResource(name);
      if (!resource.has_value()) continue;
      registry::DefinitionPtr definition = quota::Served(*ctx_.resolver, cluster, *resource);
      if (definition == nullptr || (!ns.empty() && !definition->namespaced())) continue;
      auto count = co_await quota::CountObjects(*ctx_.store, *ctx_.pool, definition, cluster, ns);
      if (!count.ok()) co_return count.status();
      out[name] = *count;
    }
    co_return out;
  }

  const Context ctx_;
};

}  // namespace

std::unique_ptr<Controller> NewResourceQuotaController(const Context& context) {
  return std::make_unique<ResourceQuotaController>(context);
}

}  // namespace atoll::controllers
