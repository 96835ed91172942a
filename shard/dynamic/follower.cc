#include "shard/dynamic/follower.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/feed/feed.h"
#include "common/log/log.h"
#include "shard/storage/stored_object.h"

namespace atoll::dynamic {

struct CustomResourceFollower::Impl {
  Impl(Loop& loop, store::Store* store, BlockingPool* pool, CustomResources* custom)
      : custom(*custom),
        feed(store, pool, {.scopes = {storage::ResourceScope({"apiextensions.k8s.io", "customresourcedefinitions"})}}),
        tasks(loop) {}

  CustomResources& custom;
  feed::Feed feed;
  TaskGroup tasks;
  mutable absl::Mutex mutex;
  absl::Status status ABSL_GUARDED_BY(mutex);
  bool stopping = false;
  // The definitions that a state brought so far, while it is read. Bounded by their number.
  std::optional<std::map<std::string, std::vector<std::string>>> seen;

  absl::Status Apply(const feed::Change& change) {
    ASSIGN_OR_RETURN(storage::ResourceKey key, storage::DecodeKey(change.key));
    if (change.deleted()) {
      custom.Erase(key.cluster, key.name, change.revision);
      return absl::OkStatus();
    }
    if (seen) (*seen)[key.cluster.name()].push_back(key.name);
    ASSIGN_OR_RETURN(json::Value crd, storage::StoredObject(change.value, change.revision).Decode());
    absl::Status put = custom.Put(key.cluster, crd, change.revision, CustomResources::Source::kStored);
    if (!put.ok()) {
      // Written by a version of this server that allowed more: its resource is not served, all others are.
      LOG_ERROR("dynamic", "a custom resource definition cannot be served",
                {{"cluster", key.cluster.name()}, {"name", key.name}, {"error", std::string(ToStd(put.message()))}});
    }
    return absl::OkStatus();
  }

  Task<absl::Status> Step(bool* synced) {
    CO_ASSIGN_OR_RETURN(feed::Batch batch, co_await feed.Next(absl::InfiniteDuration()));
    if (batch.reset) seen.emplace();
    for (const feed::Change& change : batch.changes) {
      absl::Status applied = Apply(change);
      CO_RETURN_IF_ERROR(applied);
    }
    if (batch.synced && seen) {
      for (const LogicalClusterId& id : custom.Clusters()) custom.Retain(id, (*seen)[id.name()]);
      seen.reset();
    }
    *synced = batch.synced;
    co_return absl::OkStatus();
  }

  Task<void> Run() {
    bool synced = false;
    while (!stopping) {
      absl::Status step = co_await Step(&synced);
      if (step.ok() || stopping) continue;
      LOG_ERROR("dynamic", "custom resources no longer follow the log",
                {{"error", std::string(ToStd(step.message()))}});
      absl::MutexLock lock(&mutex);
      status = step;
      co_return;
    }
  }
};

CustomResourceFollower::CustomResourceFollower(Loop& loop, store::Store* store, BlockingPool* pool,
                                               CustomResources* custom)
    : impl_(std::make_unique<Impl>(loop, store, pool, custom)) {}
CustomResourceFollower::~CustomResourceFollower() = default;

Task<absl::Status> CustomResourceFollower::Load() {
  for (bool synced = false; !synced;) {
    absl::Status step = co_await impl_->Step(&synced);
    CO_RETURN_IF_ERROR(step);
  }
  co_return absl::OkStatus();
}

void CustomResourceFollower::Start() { impl_->tasks.Spawn(impl_->Run()); }

Task<void> CustomResourceFollower::Stop() {
  impl_->stopping = true;
  co_await impl_->feed.Stop();
  co_await impl_->tasks.Join();
}

absl::Status CustomResourceFollower::status() const {
  absl::MutexLock lock(&impl_->mutex);
  return impl_->status;
}

}  // namespace atoll::dynamic
