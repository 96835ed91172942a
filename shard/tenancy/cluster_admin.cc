#include "shard/tenancy/cluster_admin.h"

#include "common/api/errors.h"
#include "common/api/object.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "shard/storage/stored_object.h"

namespace atoll::tenancy {
namespace {

const api::Gvr kLogicalClusters{"core.kcp.io", "v1alpha1", "logicalclusters"};

bool SameOwner(const json::Value& a, const json::Value& b) {
  const json::Value *x = a.At({"spec", "owner"}), *y = b.At({"spec", "owner"});
  if (x == nullptr || y == nullptr) return x == y;
  return *x == *y;
}

}  // namespace

Task<absl::StatusOr<json::Value>> LocalClusterAdmin::Get(LogicalClusterId cluster) {
  auto object = co_await options_.client->Get({cluster, kLogicalClusters, "", "cluster", ""});
  co_return object;
}

Task<absl::StatusOr<json::Value>> LocalClusterAdmin::Create(LogicalClusterId cluster, json::Value logical_cluster) {
  ObjectBatch batch(options_.definitions, *options_.clock, *options_.random);
  json::Value wanted = logical_cluster;
  CO_ASSIGN_OR_RETURN(store::Transaction txn,
                      NewClusterContent(cluster, std::move(logical_cluster), *options_.catalog, options_.new_cluster,
                                        std::move(batch), options_.clock->Now()));
  absl::StatusOr<store::Revision> committed = co_await options_.store->Commit(std::move(txn));
  if (!committed.ok() && !absl::IsAlreadyExists(committed.status())) co_return committed.status();
  auto existing = co_await Get(cluster);
  if (!existing.ok()) co_return existing.status();
  if (!committed.ok() && !SameOwner(*existing, wanted)) {
    co_return absl::AlreadyExistsError(StrCat("logical cluster ", cluster.name(), " belongs to another owner"));
  }
  // Requests may come before the follower has seen the new cluster.
  options_.clusters->Put(cluster, *existing);
  co_return existing;
}

Task<absl::StatusOr<Deletion>> LocalClusterAdmin::Delete(LogicalClusterId cluster, std::string owner_uid,
                                                         absl::Duration wait) {
  const client::ObjectRef ref{cluster, kLogicalClusters, "", "cluster", ""};
  auto follower = options_.store->Follow(storage::EncodeKey({kLogicalClusters.gr(), "", cluster, "", "cluster"}),
                                         options_.store->current());
  auto existing = co_await options_.client->Get(ref);
  if (!existing.ok()) {
    if (api::IsNotFound(existing.status())) co_return Deletion{.gone = true, .logical_cluster = {}};
    co_return existing.status();
  }
  if (!owner_uid.empty() && existing->StringAt({"spec", "owner", "uid"}) != owner_uid) {
    co_return absl::FailedPreconditionError(StrCat("logical cluster ", cluster.name(), " belongs to another owner"));
  }
  if (!api::IsDeleting(*existing)) {
    absl::Status deleted = co_await options_.client->Delete(ref, std::string(api::Uid(*existing)));
    if (!deleted.ok() && !api::IsNotFound(deleted)) co_return deleted;
  }
  const absl::Duration deadline = options_.clock->Monotonic() + wait;
  for (;;) {
    const absl::Duration left = deadline - options_.clock->Monotonic();
    if (left <= absl::ZeroDuration()) break;
    auto batch = co_await follower->Next(left);
    if (!batch.ok()) co_return batch.status();
    for (const store::EventPtr& event : batch->events) {
      if (event->kind == store::Event::Kind::kDeleted) co_return Deletion{.gone = true, .logical_cluster = {}};
    }
  }
  existing = co_await options_.client->Get(ref);
  if (!existing.ok()) {
    if (api::IsNotFound(existing.status())) co_return Deletion{.gone = true, .logical_cluster = {}};
    co_return existing.status();
  }
  co_return Deletion{.gone = false, .logical_cluster = *std::move(existing)};
}

}  // namespace atoll::tenancy
