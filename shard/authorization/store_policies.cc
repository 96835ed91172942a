#include "shard/authorization/store_policies.h"

#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "common/base/status.h"
#include "common/json/parse.h"
#include "common/loop/sync.h"
#include "shard/storage/stored_object.h"

namespace atoll::authorization {
namespace {

constexpr char kGroup[] = "rbac.authorization.k8s.io";
constexpr const char* kResources[] = {"clusterroles", "clusterrolebindings", "roles", "rolebindings"};

absl::Status LoadOne(const store::SnapshotView& view, const char* resource, const LogicalClusterId& cluster,
                     std::vector<json::Value>* out) {
  const std::string scope = storage::ClusterScopeKey({kGroup, resource}, "", cluster);
  absl::Status failure;
  RETURN_IF_ERROR(
      view.Scan(scope, store::ScopeEnd(scope), [&](std::string_view, std::string_view value, store::Revision modified) {
        auto object = storage::StoredObject(std::string(value), modified).Decode();
        if (!object.ok()) {
          failure = object.status();
          return false;
        }
        out->push_back(*std::move(object));
        return true;
      }));
  return failure;
}

}  // namespace

absl::StatusOr<RbacObjects> LoadRbac(store::Store& store, const LogicalClusterId& cluster) {
  const auto view = store.Snapshot();
  RbacObjects out;
  RETURN_IF_ERROR(LoadOne(*view, kResources[0], cluster, &out.cluster_roles));
  RETURN_IF_ERROR(LoadOne(*view, kResources[1], cluster, &out.cluster_role_bindings));
  RETURN_IF_ERROR(LoadOne(*view, kResources[2], cluster, &out.roles));
  RETURN_IF_ERROR(LoadOne(*view, kResources[3], cluster, &out.role_bindings));
  return out;
}

struct PolicyInvalidator::Impl {
  store::Store* store;
  Changed changed;
  PolicyCache* cache;
  bool stopping = false;
  std::vector<std::unique_ptr<store::Follower>> followers;
  std::unique_ptr<TaskGroup> tasks;

  // The cluster's roles hold everywhere. Reads them on the loop: they are few, and administrators change them rarely.
  // What cannot be read leaves the policy as it is.
  void LoadSystemAdmin() {
    const auto objects = LoadRbac(*store, SystemAdminCluster());
    if (objects.ok() && !objects->cluster_roles.empty()) cache->SetFallback(Policy::Compile(*objects, nullptr));
  }

  Task<void> Follow(size_t at) {
    for (;;) {
      auto batch = co_await followers[at]->Next(absl::Minutes(5));
      if (stopping) co_return;
      if (!batch.ok()) {
        if (!absl::IsOutOfRange(batch.status())) {  // the store stops
          cache->SetLive(false);
          co_return;
        }
        // Followed anew first, emptied then: what changes in between is seen by one or the other.
        followers[at] = store->Follow(storage::ResourceScope({kGroup, kResources[at]}), store->current());
        cache->InvalidateAll();
        LoadSystemAdmin();
        if (changed) changed(nullptr);
        continue;
      }
      bool of_system_admin = false, of_any = false;
      absl::flat_hash_set<LogicalClusterId> clusters;
      for (const store::EventPtr& event : batch->events) {
        auto key = storage::DecodeKey(event->key);
        if (key.ok()) {
          cache->Invalidate(key->cluster);
          of_system_admin = of_system_admin || key->cluster == SystemAdminCluster();
          // Root's rights limit those of others: maximal permission policies.
          of_any = of_any || of_system_admin || key->cluster == RootCluster();
          clusters.insert(key->cluster);
        } else {
          cache->InvalidateAll();
          of_any = true;
        }
      }
      if (of_system_admin) LoadSystemAdmin();
      if (!changed) continue;
      if (of_any) {
        changed(nullptr);
      } else {
        for (const LogicalClusterId& cluster : clusters) changed(&cluster);
      }
    }
  }
};

PolicyInvalidator::PolicyInvalidator(store::Store* store, PolicyCache* cache, Changed changed)
    : impl_(std::make_unique<Impl>()) {
  impl_->changed = std::move(changed);
  impl_->store = store;
  impl_->cache = cache;
}
PolicyInvalidator::~PolicyInvalidator() = default;

void PolicyInvalidator::Start(Loop& loop) {
  impl_->tasks = std::make_unique<TaskGroup>(loop);
  const store::Revision from = impl_->store->current();
  for (const char* resource : kResources) {
    impl_->followers.push_back(impl_->store->Follow(storage::ResourceScope({kGroup, resource}), from));
  }
  impl_->LoadSystemAdmin();
  impl_->cache->SetLive(true);
  for (size_t i = 0; i < impl_->followers.size(); ++i) impl_->tasks->Spawn(impl_->Follow(i));
}

Task<void> PolicyInvalidator::Stop() {
  if (impl_->tasks == nullptr) co_return;
  impl_->stopping = true;
  impl_->cache->SetLive(false);
  for (const auto& follower : impl_->followers) follower->Wake();
  co_await impl_->tasks->Join();
  impl_->followers.clear();
}

}  // namespace atoll::authorization
