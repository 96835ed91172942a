#include "shard/controllers/namespace/controller.h"

#include <algorithm>

#include "common/api/errors.h"
#include "common/api/object.h"
#include "common/base/status.h"
#include "shard/controllers/namespace/conditions.h"
#include "shard/storage/stored_object.h"
#include "shard/tenancy/new_cluster.h"

namespace atoll::controllers {
namespace {

const api::Gvr kNamespaces{"", "v1", "namespaces"};
const api::Gvr kServiceAccounts{"", "v1", "serviceaccounts"};
const api::Gvr kConfigMaps{"", "v1", "configmaps"};
constexpr std::string_view kRootCa = "kube-root-ca.crt";
constexpr std::string_view kFinalizer = "kubernetes";
constexpr std::string_view kDefaultAccount = "default";

class NamespaceController final : public Controller {
 public:
  explicit NamespaceController(const Context& context) : ctx_(context) {}

  std::string name() const override { return "namespace"; }
  std::vector<std::string> scopes() const override {
    return {storage::ResourceScope(kNamespaces.gr()), storage::ResourceScope(kServiceAccounts.gr()),
            storage::ResourceScope(kConfigMaps.gr())};
  }

  void OnEvent(const store::Event& event, std::vector<std::string>* keys) override {
    // Every ConfigMap of the shard passes here: the name at the key's end decides before anything is decoded.
    const bool is_namespace = event.key.starts_with(ResourcePrefix());
    if (!is_namespace && !EndsWithName(event.key, kRootCa) && !EndsWithName(event.key, kDefaultAccount)) return;
    auto key = storage::DecodeKey(event.key);
    if (!key.ok()) return;
    if (key->resource == kNamespaces.gr()) {
      if (event.kind != store::Event::Kind::kDeleted) keys->push_back(event.key);
    } else if (event.kind != store::Event::Kind::kCreated &&
               (key->resource == kConfigMaps.gr() ? key->name == kRootCa : key->name == kDefaultAccount)) {
      keys->push_back(storage::EncodeKey({kNamespaces.gr(), "", key->cluster, "", key->ns}));
    }
  }

  void NeedsWork(std::string_view store_key, std::string_view value, std::vector<std::string>* keys) const override {
    // Active namespaces got their content when they were made; a scan looks only at those that go.
    if (store_key.starts_with(ResourcePrefix()) && value.find("\"deletionTimestamp\":") != std::string_view::npos)
      keys->emplace_back(store_key);
  }

  Task<absl::StatusOr<Result>> Reconcile(std::string store_key) override {
    CO_ASSIGN_OR_RETURN(storage::ResourceKey key, storage::DecodeKey(store_key));
    const client::ObjectRef ref{key.cluster, kNamespaces, "", key.name, ""};
    auto found = co_await ctx_.client->Get(ref);
    if (!found.ok()) {
      if (api::IsNotFound(found.status())) co_return Result{};
      co_return found.status();
    }
    if (!api::IsDeleting(*found)) {
      // A cluster that goes takes its namespaces along; nothing is put back then.
      auto cluster = ctx_.clusters->Find(key.cluster);
      if (cluster == nullptr ? !key.cluster.is_system() : cluster->deleting) co_return Result{};
      auto result = co_await EnsureContent(key.cluster, key.name);
      co_return result;
    }
    auto result = co_await Finish(ref, *std::move(found));
    co_return result;
  }

 private:
  static const std::string& ResourcePrefix() {
    static const std::string prefix = storage::ResourceScope(kNamespaces.gr());
    return prefix;
  }
  static bool EndsWithName(std::string_view key, std::string_view name) {
    return key.size() > name.size() + 1 && key.substr(key.size() - name.size() - 1, name.size()) == name;
  }

  Task<absl::StatusOr<Result>> EnsureContent(LogicalClusterId cluster, std::string ns) {
    const client::ObjectRef account_ref{cluster, kServiceAccounts, ns, std::string(kDefaultAccount), ""};
    auto account = co_await ctx_.client->Get(account_ref);
    if (!account.ok()) {
      if (!api::IsNotFound(account.status())) co_return account.status();
      json::Value object = json::Value::MakeObject();
      object.Ensure({"metadata", "name"}) = kDefaultAccount;
      auto created = co_await ctx_.client->Create(account_ref, std::move(object));
      if (!created.ok() && !api::IsAlreadyExists(created.status())) co_return created.status();
    }
    const client::ObjectRef ca_ref{cluster, kConfigMaps, ns, std::string(kRootCa), ""};
    json::Value wanted = tenancy::RootCaConfigMap(ctx_.root_ca_pem);
    auto ca = co_await ctx_.client->Get(ca_ref);
    if (!ca.ok()) {
      if (!api::IsNotFound(ca.status())) co_return ca.status();
      auto created = co_await ctx_.client->Create(ca_ref, std::move(wanted));
      if (!created.ok() && !api::IsAlreadyExists(created.status())) co_return created.status();
    } else if (const json::Value* data = ca->Find("data"); data == nullptr || !(*data == *wanted.Find("data"))) {
      ca->Ensure({"data"}) = std::move(*wanted.Find("data"));
      auto updated = co_await ctx_.client->Update(ca_ref, *std::move(ca));
      if (!updated.ok()) co_return updated.status();
    }
    co_return Result{};
  }

  Task<absl::StatusOr<Result>> Finish(client::ObjectRef ref, json::Value ns) {
    // Finalized already: others hold it, or the one who deletes it again.
    if (!HasOurFinalizer(ns)) co_return Result{};
    auto remaining = co_await ctx_.content->RemoveNamespaced(ref.cluster, ref.name);
    if (absl::IsAborted(remaining.status()) || absl::IsNotFound(remaining.status()))
      co_return Result{.requeue_after = absl::ZeroDuration()};  // a lost race against another write of the content
    const absl::Time now = ctx_.clock->Now();
    if (SetDeletionConditions(&ns, remaining.ok() ? *remaining : tenancy::Remaining(), remaining.status(), now)) {
      client::ObjectRef status = ref;
      status.subresource = "status";
      auto updated = co_await ctx_.client->Update(status, std::move(ns));
      if (api::IsConflict(updated.status())) co_return Result{.requeue_after = absl::ZeroDuration()};
      if (!updated.ok()) {
        if (api::IsNotFound(updated.status())) co_return Result{};
        co_return updated.status();
      }
      ns = *std::move(updated);
    }
    if (!remaining.ok()) co_return remaining.status();
    if (!remaining->empty()) {
      // What holds the content goes without an event of the namespace.
      const auto since = api::ParseTime(ns.StringAt({"metadata", "deletionTimestamp"}));
      co_return Result{.requeue_after = LookAgainAfter(since.has_value() ? now - *since : absl::ZeroDuration())};
    }
    // Empty: our finalizer goes, and with it the namespace when nobody else holds it.
    json::Array& finalizers = ns.At({"spec", "finalizers"})->array();
    std::erase_if(finalizers, [](const json::Value& f) { return f.StringOr() == kFinalizer; });
    if (finalizers.empty()) ns.Remove({"spec", "finalizers"});
    ref.subresource = "finalize";
    auto updated = co_await ctx_.client->Update(ref, std::move(ns));
    if (api::IsConflict(updated.status())) co_return Result{.requeue_after = absl::ZeroDuration()};
    if (!updated.ok() && !api::IsNotFound(updated.status())) co_return updated.status();
    co_return Result{};
  }

  static bool HasOurFinalizer(const json::Value& ns) {
    const json::Value* finalizers = ns.At({"spec", "finalizers"});
    return finalizers != nullptr && finalizers->is_array() &&
           std::any_of(finalizers->array().begin(), finalizers->array().end(),
                       [](const json::Value& f) { return f.StringOr() == kFinalizer; });
  }

  const Context ctx_;
};

}  // namespace

std::unique_ptr<Controller> NewNamespaceController(const Context& context) {
  return std::make_unique<NamespaceController>(context);
}

}  // namespace atoll::controllers
