#include "shard/controllers/custom_resource_definition/controller.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "common/api/errors.h"
#include "common/api/object.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/json/parse.h"
#include "shard/controllers/custom_resource_definition/names.h"
#include "shard/resources/apiextensions/customresourcedefinition/conditions.h"
#include "shard/storage/json_scan.h"
#include "shard/storage/stored_object.h"

namespace atoll::controllers {
namespace {

const api::Gvr kDefinitions{"apiextensions.k8s.io", "v1", "customresourcedefinitions"};
constexpr absl::Duration kLookAgainMin = absl::Milliseconds(50), kLookAgainMax = absl::Seconds(5);

store::Revision RevisionOf(const json::Value& object) {
  const std::string_view text = api::ResourceVersion(object);
  store::Revision revision;
  std::from_chars(text.data(), text.data() + text.size(), revision.value);
  return revision;
}

// Of `<plural>.<group>`.
std::string_view GroupOf(std::string_view name) {
  const size_t dot = name.find('.');
  return dot == std::string_view::npos ? "" : name.substr(dot + 1);
}

class CustomResourceDefinitionController final : public Controller {
 public:
  explicit CustomResourceDefinitionController(const Context& context) : ctx_(context) {}

  std::string name() const override { return "crd_naming_condition_controller"; }
  std::vector<std::string> scopes() const override { return {storage::ResourceScope(kDefinitions.gr())}; }
  void OnEvent(const store::Event& event, std::vector<std::string>* keys) override { keys->push_back(event.key); }
  void NeedsWork(std::string_view store_key, std::string_view value, std::vector<std::string>* keys) const override {
    keys->emplace_back(store_key);
  }

  Task<absl::StatusOr<Result>> Reconcile(std::string store_key) override {
    CO_ASSIGN_OR_RETURN(const storage::ResourceKey key, storage::DecodeKey(store_key));
    const client::ObjectRef ref{key.cluster, kDefinitions, "", key.name, ""};
    auto crd = co_await ctx_.client->Get(ref);
    if (api::IsNotFound(crd.status())) {
      // Its names are free.
      auto others = co_await Others(key, /*waiting=*/true);
      if (!others.ok()) co_return others.status();
      Result result;
      for (Other& other : *others) result.also.push_back(std::move(other.store_key));
      co_return result;
    }
    if (!crd.ok()) co_return crd.status();
    if (api::IsDeleting(*crd)) {
      auto result = co_await Remove(ref, *std::move(crd));
      co_return result;
    }
    auto result = co_await Accept(key, ref, *std::move(crd));
    co_return result;
  }

 private:
  struct Other {
    std::string store_key;
    json::Value accepted;  // names
  };

  // The other definitions of the cluster in the same group; `waiting`: only those that lack a name.
  Task<absl::StatusOr<std::vector<Other>>> Others(storage::ResourceKey key, bool waiting) {
    auto found =
        co_await ctx_.pool->Run([view = ctx_.store->Snapshot(), key, waiting]() -> absl::StatusOr<std::vector<Other>> {
          std::vector<Other> out;
          absl::Status bad;
          const std::string scope = storage::ClusterScopeKey(kDefinitions.gr(), "", key.cluster);
          RETURN_IF_ERROR(view->Scan(
              scope, store::ScopeEnd(scope), [&](std::string_view at, std::string_view value, store::Revision) {
                const auto other = storage::DecodeKey(at);
                if (!other.ok() || other->name == key.name || GroupOf(other->name) != GroupOf(key.name)) return true;
                const std::string_view raw = storage::StoredObject::RawJsonOf(value);
                // Schemas are large, and none of this is about them.
                const auto names = storage::FindPath(raw, {"status", "acceptedNames"});
                auto accepted = names.has_value() ? json::Parse(*names) : json::Value::MakeObject();
                if (!accepted.ok()) {
                  bad = absl::DataLossError("a stored definition is no JSON");
                  return false;
                }
                if (waiting && raw.find("Conflict\"") == std::string_view::npos) return true;
                out.push_back({std::string(at), *std::move(accepted)});
                return true;
              }));
          if (!bad.ok()) return bad;
          return out;
        });
    if (!found.ok()) co_return found.status();
    co_return *std::move(found);
  }

  Task<absl::StatusOr<Result>> Accept(storage::ResourceKey key, client::ObjectRef ref, json::Value crd) {
    if (HasItsNames(crd) && resources::HasDefinitionCondition(crd, "Established")) {
      TakenNames none;
      if (!AcceptNames(none, ctx_.clock->Now(), &crd)) co_return Result{};
    }
    auto others = co_await Others(key, /*waiting=*/false);
    if (!others.ok()) co_return others.status();
    TakenNames taken;
    for (const Other& other : *others) taken.Add(other.accepted);
    const json::Value* before = crd.At({"status", "acceptedNames"});
    const json::Value had = before == nullptr ? json::Value() : *before;
    if (!AcceptNames(taken, ctx_.clock->Now(), &crd)) co_return Result{};
    // Served first, then reported.
    CO_RETURN_IF_ERROR(
        ctx_.custom->Put(ref.cluster, crd, RevisionOf(crd), dynamic::CustomResources::Source::kAnnounced));
    Result result;
    if (!had.is_null() && !(had == *crd.At({"status", "acceptedNames"}))) {
      // Perhaps it gave a name up that another one waits for.
      for (Other& other : *others) result.also.push_back(std::move(other.store_key));
    }
    ref.subresource = "status";
    auto updated = co_await ctx_.client->Update(ref, std::move(crd));
    if (api::IsConflict(updated.status())) co_return Result{.requeue_after = absl::ZeroDuration()};
    if (!updated.ok() && !api::IsNotFound(updated.status())) co_return updated.status();
    co_return result;
  }

  Task<absl::StatusOr<Result>> Remove(client::ObjectRef ref, json::Value crd) {
    if (!api::HasFinalizer(crd, resources::kCleanupFinalizer)) co_return Result{};
    const absl::Time now = ctx_.clock->Now();
    client::ObjectRef status = ref;
    status.subresource = "status";
    // Nothing new is created from here on.
    CO_RETURN_IF_ERROR(
        ctx_.custom->Put(ref.cluster, crd, RevisionOf(crd), dynamic::CustomResources::Source::kAnnounced));
    if (resources::SetDefinitionCondition(
            &crd, {"Terminating", "True", "InstanceDeletionInProgress", "CustomResource deletion is in progress"},
            now)) {
      auto updated = co_await ctx_.client->Update(status, std::move(crd));
      if (api::IsConflict(updated.status())) co_return Result{.requeue_after = absl::ZeroDuration()};
      if (api::IsNotFound(updated.status())) co_return Result{};
      if (!updated.ok()) co_return updated.status();
      crd = *std::move(updated);
    }
    resources::DefinitionCondition done{"Terminating", "False", "InstanceDeletionCompleted", "removed all instances"};
    if (registry::DefinitionPtr stored = StoredAs(ref.cluster, crd); stored != nullptr) {
      auto remaining = co_await ctx_.content->RemoveResource(ref.cluster, std::move(stored));
      if (absl::IsAborted(remaining.status()) || absl::IsNotFound(remaining.status()))
        co_return Result{.requeue_after = absl::ZeroDuration()};  // a lost race against another write of an instance
      if (!remaining.ok()) co_return remaining.status();
      if (!remaining->empty()) {
        // What holds them goes without an event of the definition.
        const auto since = api::ParseTime(crd.StringAt({"metadata", "deletionTimestamp"}));
        co_return Result{.requeue_after = std::clamp((now - since.value_or(now)) / 4, kLookAgainMin, kLookAgainMax)};
      }
    } else {
      done.reason = "NeverEstablished";
      done.message = "resource was never established";
    }
    resources::SetDefinitionCondition(&crd, done, now);
    api::RemoveFinalizer(&crd, resources::kCleanupFinalizer);
    auto updated = co_await ctx_.client->Update(status, std::move(crd));
    if (api::IsConflict(updated.status())) co_return Result{.requeue_after = absl::ZeroDuration()};
    if (!updated.ok() && !api::IsNotFound(updated.status())) co_return updated.status();
    co_return Result{};
  }

  registry::DefinitionPtr StoredAs(const LogicalClusterId& cluster, const json::Value& crd) const {
    const api::GroupResource wanted{std::string(crd.StringAt({"spec", "group"})),
                                    std::string(crd.StringAt({"status", "acceptedNames", "plural"}))};
    for (const auto& d : ctx_.custom->Stored(cluster)) {
      if (d->gr() == wanted) return d;
    }
    return nullptr;
  }

  const Context ctx_;
};

}  // namespace

std::unique_ptr<Controller> NewCustomResourceDefinitionController(const Context& context) {
  return std::make_unique<CustomResourceDefinitionController>(context);
}

}  // namespace atoll::controllers
