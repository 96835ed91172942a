#include "shard/replication/local_index.h"

#include <optional>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/feed/feed.h"
#include "common/log/log.h"
#include "shard/replication/index_changes.h"
#include "shard/replication/replicated.h"
#include "shard/storage/stored_object.h"

namespace atoll::replication {
namespace {

std::vector<std::string> Scopes() {
  std::vector<std::string> scopes = {storage::ResourceScope(kLogicalClusters), storage::ResourceScope(kWorkspaces)};
  for (const api::GroupResource& resource : CatalogResources()) scopes.push_back(storage::ResourceScope(resource));
  return scopes;
}

}  // namespace

struct LocalIndex::Impl {
  Impl(Loop& loop, Options options)
      : options(std::move(options)), feed(this->options.store, this->options.pool, {.scopes = Scopes()}), tasks(loop) {}
  const Options options;
  feed::Feed feed;
  TaskGroup tasks;
  mutable absl::Mutex mutex;
  absl::Status status ABSL_GUARDED_BY(mutex);
  bool stopping = false;

  // The clusters that the state brought so far, while it is read anew. Bounded by their number.
  std::optional<absl::flat_hash_set<std::string>> seen;

  // After a position was trimmed the state is read again. Requests are answered by the old one meanwhile; what is gone
  // goes when the new one is complete. Catalogue entries that vanished while nobody followed are left to be replaced:
  // types and shards do not vanish unnoticed in a log kept for an hour.
  void BeginReplace() {
    options.index->BeginReplace(options.shard);
    seen.emplace();
  }
  void EndReplace() {
    options.index->EndReplace(options.shard);
    for (const LogicalClusterId& id : options.clusters->Ids()) {
      if (!seen->contains(id.name())) options.clusters->Erase(id);
    }
    seen.reset();
  }

  absl::Status Apply(const feed::Change& change) {
    ASSIGN_OR_RETURN(storage::ResourceKey key, storage::DecodeKey(change.key));
    json::Value object;
    if (!change.deleted()) {
      ASSIGN_OR_RETURN(object, storage::StoredObject(change.value, change.revision).Decode());
    }
    const std::string& cluster = key.cluster.name();
    if (key.resource == kLogicalClusters) {
      if (key.name != kLogicalClusterName) return absl::OkStatus();
      if (change.deleted()) {
        options.clusters->Erase(key.cluster);
        if (options.restricted) options.restricted(key.cluster);
        options.index->EraseCluster(options.shard, cluster);
      } else {
        if (seen) seen->insert(cluster);
        const auto before = options.clusters->Find(key.cluster);
        options.clusters->Put(key.cluster, object);
        if (before != nullptr && options.restricted) {
          const auto after = options.clusters->Find(key.cluster);
          if (before->inactive != after->inactive || before->phase != after->phase ||
              before->required_groups != after->required_groups) {
            options.restricted(key.cluster);
          }
        }
        options.index->PutCluster(options.shard, cluster, ToClusterEntry(object));
      }
    } else if (key.resource == kWorkspaces) {
      if (change.deleted()) {
        options.index->EraseWorkspace(options.shard, cluster, key.name);
      } else {
        options.index->PutWorkspace(options.shard, cluster, key.name, ToWorkspaceEntry(object));
      }
    } else if (change.deleted()) {
      options.catalog->Erase(key.resource, key.cluster, key.name);
    } else {
      options.catalog->Put(key.resource, key.cluster, object);
    }
    return absl::OkStatus();
  }

  Task<absl::Status> Step(bool* synced) {
    CO_ASSIGN_OR_RETURN(feed::Batch batch, co_await feed.Next(absl::InfiniteDuration()));
    if (batch.reset) BeginReplace();
    for (const feed::Change& change : batch.changes) {
      absl::Status applied = Apply(change);
      CO_RETURN_IF_ERROR(applied);
    }
    if (batch.synced && seen) EndReplace();
    *synced = batch.synced;
    co_return absl::OkStatus();
  }

  Task<void> Run() {
    bool synced = false;
    while (!stopping) {
      absl::Status step = co_await Step(&synced);
      if (step.ok() || stopping) continue;
      LOG_ERROR("replication", "the shard's index no longer follows its log",
                {{"error", std::string(ToStd(step.message()))}});
      absl::MutexLock lock(&mutex);
      status = step;
      co_return;
    }
  }
};

LocalIndex::LocalIndex(Loop& loop, Options options) : impl_(std::make_unique<Impl>(loop, std::move(options))) {}
LocalIndex::~LocalIndex() = default;

Task<absl::Status> LocalIndex::Load() {
  for (bool synced = false; !synced;) {
    absl::Status step = co_await impl_->Step(&synced);
    CO_RETURN_IF_ERROR(step);
  }
  co_return absl::OkStatus();
}

void LocalIndex::Start() { impl_->tasks.Spawn(impl_->Run()); }

Task<void> LocalIndex::Stop() {
  impl_->stopping = true;
  co_await impl_->feed.Stop();
  co_await impl_->tasks.Join();
}

absl::Status LocalIndex::status() const {
  absl::MutexLock lock(&impl_->mutex);
  return impl_->status;
}

}  // namespace atoll::replication
