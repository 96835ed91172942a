#include "shard/controllers/garbage_collector/controller.h"

#include <algorithm>
#include <functional>
#include <set>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_format.h"
#include "common/api/errors.h"
#include "common/api/object.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "shard/controllers/garbage_collector/dependents.h"
#include "shard/controllers/garbage_collector/events.h"
#include "shard/controllers/garbage_collector/keys.h"
#include "shard/controllers/garbage_collector/verdict.h"
#include "shard/registry/metadata.h"
#include "shard/storage/owner_index.h"
#include "shard/storage/stored_object.h"

namespace atoll::controllers {
namespace {

using registry::DefinitionPtr;
using storage::OwnerReference;

constexpr size_t kPage = 500;                 // dependents at a time
constexpr size_t kLookedThroughMax = 10'000;  // objects, to find an owner in another namespace for a warning
constexpr size_t kKnownAbsentMax = 4096;
constexpr size_t kEventNameMax = 236;  // of the name that an event repeats, so that its own fits 253
constexpr std::string_view kComponent = "garbage-collector-controller";

api::GroupResource StoredAs(const registry::ResourceDefinition& d) {
  return d.stored_as.resource.empty() ? d.gr() : d.stored_as;
}
bool IsStoredAs(const registry::ResourceDefinition& d, const api::GroupResource& resource) {
  if (!d.stored_as.resource.empty()) return d.stored_as == resource;
  return d.gvr.resource == resource.resource && d.gvr.group == resource.group;
}

// Lost races are looked at again at once, what is gone needs nothing more.
absl::StatusOr<Result> After(const absl::Status& status) {
  if (status.ok() || api::IsNotFound(status)) return Result{};
  if (api::IsConflict(status)) return Result{.requeue_after = absl::ZeroDuration()};
  return status;
}

class GarbageCollector final : public Controller {
 public:
  explicit GarbageCollector(const Context& context) : ctx_(context) {}

  std::string name() const override { return "kcp-garbage-collector"; }
  std::vector<std::string> scopes() const override { return {""}; }  // every resource, those to come as well
  void OnEvent(const store::Event& event, std::vector<std::string>* keys) override {
    CollectorKeysOf(event, *ctx_.clusters, keys);
  }
  void NeedsWork(std::string_view store_key, std::string_view value, std::vector<std::string>* keys) const override {
    CollectorKeysOf(store_key, value, keys);
  }

  Task<absl::StatusOr<Result>> Reconcile(std::string text) override {
    std::optional<CollectorKey> key = ParseCollectorKey(text);
    if (!key.has_value()) co_return Result{};
    absl::StatusOr<Result> result;
    switch (key->kind) {
      case CollectorKey::Kind::kItem:
        result = co_await Item(std::move(key->store_key));
        break;
      case CollectorKey::Kind::kFan:
        result = co_await Fan(*std::move(key));
        break;
      case CollectorKey::Kind::kOwner:
        result = co_await Owner(*std::move(key));
        break;
    }
    co_return result;
  }

 private:
  // An object as it is now, and how to name it to the API.
  struct Live {
    client::ObjectRef ref;
    DefinitionPtr definition;
    json::Value object;
  };

  std::shared_ptr<const registry::Resolver::Set> Served(const LogicalClusterId& cluster) const {
    return ctx_.resolver->All({cluster, false});
  }
  // Null when the cluster serves no such resource now.
  DefinitionPtr DefinitionOf(const storage::ResourceKey& key) const {
    for (const DefinitionPtr& d : *Served(key.cluster)) {
      if (d->storable && IsStoredAs(*d, key.resource)) return d;
    }
    return nullptr;
  }
  DefinitionPtr DefinitionOf(const LogicalClusterId& cluster, const OwnerReference& owner) const {
    const std::string_view api_version = owner.api_version;
    const size_t slash = api_version.find('/');
    const std::string_view group = slash == std::string_view::npos ? "" : api_version.substr(0, slash);
    const std::string_view version = slash == std::string_view::npos ? api_version : api_version.substr(slash + 1);
    for (const DefinitionPtr& d : *Served(cluster)) {
      if (d->storable && d->kind == owner.kind && d->gvr.version == version && d->gvr.group == group) return d;
    }
    return nullptr;
  }

  // NotFound when the object is gone; Unavailable when its resource is not served (yet, or any more).
  Task<absl::StatusOr<Live>> Read(std::string store_key) {
    CO_ASSIGN_OR_RETURN(const storage::ResourceKey key, storage::DecodeKey(store_key));
    Live live;
    live.definition = DefinitionOf(key);
    if (live.definition == nullptr) {
      const auto entry = co_await ctx_.store->Get(store_key);
      if (!entry.ok()) co_return entry.status();
      if (!entry->has_value()) co_return api::NotFound(key.resource, key.name);
      co_return absl::UnavailableError("the object's resource is not served");
    }
    live.ref = {key.cluster, live.definition->gvr, key.ns, key.name, ""};
    auto object = co_await ctx_.client->Get(live.ref);
    if (!object.ok()) co_return object.status();
    live.object = *std::move(object);
    co_return live;
  }

  template <class T>
  Task<absl::StatusOr<T>> OnPool(std::function<absl::StatusOr<T>(const store::SnapshotView&)> read) {
    auto view = ctx_.store->Snapshot();
    auto result = co_await ctx_.pool->Run([view, read = std::move(read)] { return read(*view); });
    if (!result.ok()) co_return result.status();
    co_return *std::move(result);
  }
  Task<absl::StatusOr<DependentsPage>> Dependents(LogicalClusterId cluster, std::string uid, std::string after) {
    auto page = co_await OnPool<DependentsPage>(
        [=](const store::SnapshotView& view) { return ReadDependents(view, cluster, uid, after, kPage); });
    co_return page;
  }

  Task<absl::StatusOr<Result>> Fan(CollectorKey key) {
    NoteAbsent(key.cluster, key.owner.uid);
    auto found = co_await OnPool<std::vector<std::string>>([key](const store::SnapshotView& view) {
      return storage::Dependents(view, key.cluster, key.owner.uid, key.store_key, kPage);
    });
    if (!found.ok()) co_return found.status();
    Result result;
    for (const std::string& dependent : *found) result.also.push_back(ItemKey(dependent));
    if (found->size() == kPage) result.also.push_back(FanKey(key.cluster, key.owner.uid, found->back()));
    co_return result;
  }

  Task<absl::StatusOr<Result>> Owner(CollectorKey key) {
    Live live;
    live.definition = DefinitionOf(key.cluster, key.owner);
    if (live.definition == nullptr) co_return Result{};
    live.ref = {key.cluster, live.definition->gvr, live.definition->namespaced() ? key.ns : "", key.owner.name, ""};
    auto object = co_await ctx_.client->Get(live.ref);
    if (!object.ok()) co_return After(object.status());
    live.object = *std::move(object);
    if (api::Uid(live.object) != key.owner.uid || !Waits(live.object)) co_return Result{};
    auto result = co_await Foreground(std::move(live), /*fan=*/false);
    co_return result;
  }

  Task<absl::StatusOr<Result>> Item(std::string store_key) {
    auto read = co_await Read(store_key);
    if (!read.ok()) co_return After(read.status());
    Live live = *std::move(read);
    if (api::IsDeleting(live.object)) {
      absl::StatusOr<Result> result = Result{};
      if (api::HasFinalizer(live.object, registry::kOrphanFinalizer)) {
        result = co_await Orphan(std::move(live));
      } else if (Waits(live.object)) {
        result = co_await Foreground(std::move(live), /*fan=*/true);
      }
      co_return result;
    }
    const std::vector<OwnerReference> owners = storage::OwnerReferences(live.object);
    std::vector<OwnerState> states;
    for (const OwnerReference& owner : owners) {
      auto state = co_await StateOf(live, owner);
      if (!state.ok()) co_return state.status();
      if (!state->has_value()) co_return Result{};  // nobody can say: kept
      states.push_back(**state);
    }
    DependentsOf dependents;
    if (std::find(states.begin(), states.end(), OwnerState::kWaiting) != states.end()) {
      auto page = co_await Dependents(live.ref.cluster, std::string(api::Uid(live.object)), "");
      if (!page.ok()) co_return page.status();
      dependents.any = !page->dependents.empty();
      dependents.any_waiting =
          std::any_of(page->dependents.begin(), page->dependents.end(), [](const Dependent& d) { return d.waits; });
    }
    const Verdict verdict = Judge(states, live.object, dependents);
    for (size_t i = 0; i < owners.size(); ++i) {
      if (states[i] == OwnerState::kAbsent) co_await WarnOfOtherNamespace(live, owners[i]);
    }
    absl::StatusOr<Result> result = Result{};
    if (verdict.kind == Verdict::Kind::kDropReferences) {
      result = co_await DropReferences(std::move(live), verdict.drop);
    } else if (verdict.kind == Verdict::Kind::kDelete) {
      result = co_await Delete(std::move(live), verdict);
    }
    co_return result;
  }

  static bool Waits(const json::Value& object) {
    return api::IsDeleting(object) && api::HasFinalizer(object, registry::kForegroundFinalizer);
  }

  // Asks the API, now. Nullopt: a namespaced owner of a cluster-scoped object can neither be found nor missed. An owner
  // of an unknown kind is an error: it may become known.
  Task<absl::StatusOr<std::optional<OwnerState>>> StateOf(const Live& live, const OwnerReference& owner) {
    const DefinitionPtr definition = DefinitionOf(live.ref.cluster, owner);
    if (definition == nullptr)
      co_return absl::UnavailableError(StrCat("owner of unknown kind ", owner.api_version, "/", owner.kind));
    if (definition->namespaced() && live.ref.ns.empty()) co_return std::nullopt;
    auto found = co_await ctx_.client->Get(
        {live.ref.cluster, definition->gvr, definition->namespaced() ? live.ref.ns : "", owner.name, ""});
    if (api::IsNotFound(found.status())) {
      // Not found because the resource went meanwhile would be another matter.
      if (DefinitionOf(live.ref.cluster, owner) == nullptr)
        co_return absl::UnavailableError("the owner's kind has gone");
      co_return OwnerState::kAbsent;
    }
    if (!found.ok()) co_return found.status();
    if (api::Uid(*found) != owner.uid) co_return OwnerState::kAbsent;
    co_return Waits(*found) ? OwnerState::kWaiting : OwnerState::kSolid;
  }

  Task<absl::StatusOr<Result>> Update(Live live) {
    auto updated = co_await ctx_.client->Update(live.ref, std::move(live.object));
    co_return After(updated.status());
  }

  Task<absl::StatusOr<Result>> RemoveFinalizer(Live live, std::string_view finalizer) {
    if (!api::RemoveFinalizer(&live.object, finalizer)) co_return Result{};
    auto result = co_await Update(std::move(live));
    co_return result;
  }

  Task<absl::StatusOr<Result>> DropReferences(Live live, std::vector<size_t> drop) {
    json::Array& references = live.object.At({"metadata", "ownerReferences"})->array();
    for (auto i = drop.rbegin(); i != drop.rend(); ++i) references.erase(references.begin() + static_cast<long>(*i));
    if (references.empty()) live.object.Remove({"metadata", "ownerReferences"});
    auto result = co_await Update(std::move(live));
    co_return result;
  }

  Task<absl::StatusOr<Result>> Delete(Live live, Verdict verdict) {
    if (verdict.unblock) {
      for (json::Value& reference : live.object.At({"metadata", "ownerReferences"})->array())
        reference.object().Set("blockOwnerDeletion", json::Value(false));
      auto updated = co_await ctx_.client->Update(live.ref, std::move(live.object));
      if (!updated.ok()) co_return After(updated.status());
      live.object = *std::move(updated);
    }
    // The version is a precondition: an owner that is named meanwhile must save the object.
    const absl::Status deleted =
        co_await ctx_.client->Delete(live.ref, std::string(api::Uid(live.object)), verdict.propagation,
                                     std::string(api::ResourceVersion(live.object)));
    co_return After(deleted);
  }

  // Waits until no dependent blocks the owner; an event of the last one brings it here again. `fan`: the deletion
  // began, so the dependents are to be looked at.
  Task<absl::StatusOr<Result>> Foreground(Live live, bool fan) {
    const std::string uid(api::Uid(live.object));
    Result result;
    if (fan) result.also.push_back(FanKey(live.ref.cluster, uid));
    std::string after;
    do {
      auto page = co_await Dependents(live.ref.cluster, uid, after);
      if (!page.ok()) co_return page.status();
      for (const Dependent& dependent : page->dependents) {
        if (!Blocks(dependent, live)) continue;
        if (!fan && !dependent.deleting) result.also.push_back(ItemKey(dependent.store_key));
        co_return result;
      }
      after = page->next;
    } while (!after.empty());
    auto removed = co_await RemoveFinalizer(std::move(live), registry::kForegroundFinalizer);
    if (!removed.ok()) co_return removed.status();
    result.requeue_after = removed->requeue_after;
    co_return result;
  }

  // A reference that means another object than `owner` blocks nothing: nobody would hear of its end.
  bool Blocks(const Dependent& dependent, const Live& owner) const {
    return std::any_of(dependent.references.begin(), dependent.references.end(), [&](const OwnerReference& reference) {
      if (!reference.blocks || reference.name != owner.ref.name) return false;
      if (owner.definition->namespaced() && dependent.ns != owner.ref.ns) return false;
      const DefinitionPtr meant = DefinitionOf(owner.ref.cluster, reference);
      return meant != nullptr && IsStoredAs(*meant, StoredAs(*owner.definition));
    });
  }

  // A page of dependents loses its references, then the rest is looked at; without dependents the finalizer goes.
  Task<absl::StatusOr<Result>> Orphan(Live live) {
    const std::string uid(api::Uid(live.object));
    auto page = co_await Dependents(live.ref.cluster, uid, "");
    if (!page.ok()) co_return page.status();
    for (const Dependent& dependent : page->dependents) {
      auto read = co_await Read(dependent.store_key);
      if (api::IsNotFound(read.status())) continue;
      if (!read.ok()) co_return read.status();
      const std::vector<OwnerReference> owners = storage::OwnerReferences(read->object);
      std::vector<size_t> drop;
      for (size_t i = 0; i < owners.size(); ++i) {
        if (owners[i].uid == uid) drop.push_back(i);
      }
      if (drop.empty()) continue;
      auto dropped = co_await DropReferences(*std::move(read), std::move(drop));
      if (!dropped.ok()) co_return dropped.status();
    }
    if (!page->dependents.empty() || !page->next.empty()) co_return Result{.requeue_after = absl::ZeroDuration()};
    auto result = co_await RemoveFinalizer(std::move(live), registry::kOrphanFinalizer);
    co_return result;
  }

  // Uids that are nowhere in their cluster, so that a warning about them need not be sought. Forgets now and then.
  void NoteAbsent(const LogicalClusterId& cluster, std::string_view uid) {
    if (known_absent_.size() >= kKnownAbsentMax) known_absent_.clear();
    known_absent_.insert(StrCat(cluster.name(), "/", uid));
  }

  // An absent owner may be there in another namespace, which is worth telling the object's author. Looking for it is a
  // walk through the cluster, so it is done once a uid, and not for owners that were seen to go.
  Task<void> WarnOfOtherNamespace(const Live& live, const OwnerReference& owner) {
    if (known_absent_.contains(StrCat(live.ref.cluster.name(), "/", owner.uid))) co_return;
    std::vector<std::string> scopes;
    std::set<std::string> seen;
    for (const DefinitionPtr& d : *Served(live.ref.cluster)) {
      std::string scope = storage::ClusterScopeKey(StoredAs(*d), "", live.ref.cluster);
      if (d->storable && seen.insert(scope).second) scopes.push_back(std::move(scope));
    }
    auto found = co_await OnPool<Whereabouts>([scopes, uid = owner.uid](const store::SnapshotView& view) {
      return FindByUid(view, scopes, uid, kLookedThroughMax);
    });
    if (!found.ok()) co_return;
    if (!found->found) NoteAbsent(live.ref.cluster, owner.uid);
    if (!found->found || found->ns.empty() || found->ns == live.ref.ns) co_return;
    const std::string ns = live.ref.ns.empty() ? "default" : live.ref.ns;
    // A warning that cannot be stored is not worth a retry.
    (void)co_await ctx_.client->Create({live.ref.cluster, {"", "v1", "events"}, ns, "", ""},
                                       InvalidNamespaceEvent(live, owner, ns));
  }

  json::Value InvalidNamespaceEvent(const Live& live, const OwnerReference& owner, const std::string& ns) const {
    const absl::Time now = ctx_.clock->Now();
    json::Value event = json::Value::MakeObject();
    event.Ensure({"metadata", "name"}) =
        StrCat(live.ref.name.substr(0, kEventNameMax), ".",
               ToStd(absl::StrFormat("%x", static_cast<uint64_t>(absl::ToUnixNanos(now)))));
    event.Ensure({"metadata", "namespace"}) = ns;
    json::Value& involved = event.Ensure({"involvedObject"});
    involved = json::Value::MakeObject();
    involved.object().Set("kind", json::Value(live.definition->kind));
    if (!live.ref.ns.empty()) involved.object().Set("namespace", json::Value(live.ref.ns));
    involved.object().Set("name", json::Value(live.ref.name));
    involved.object().Set("uid", json::Value(api::Uid(live.object)));
    involved.object().Set("apiVersion", json::Value(live.object.StringAt({"apiVersion"})));
    event.Ensure({"reason"}) = "OwnerRefInvalidNamespace";
    event.Ensure({"message"}) =
        StrCat("ownerRef [", owner.api_version, "/", owner.kind, ", cluster: ", live.ref.cluster.name(),
               ", namespace: ", live.ref.ns, ", name: ", owner.name, ", uid: ", owner.uid,
               "] does not exist in namespace \"", live.ref.ns, "\"");
    event.Ensure({"source", "component"}) = kComponent;
    event.Ensure({"reportingComponent"}) = kComponent;
    event.Ensure({"firstTimestamp"}) = api::FormatTime(now);
    event.Ensure({"lastTimestamp"}) = api::FormatTime(now);
    event.Ensure({"count"}) = 1;
    event.Ensure({"type"}) = "Warning";
    return event;
  }

  const Context ctx_;
  absl::flat_hash_set<std::string> known_absent_;  // a cache; at most kKnownAbsentMax
};

}  // namespace

std::unique_ptr<Controller> NewGarbageCollector(const Context& context) {
  return std::make_unique<GarbageCollector>(context);
}

}  // namespace atoll::controllers
