#include "shard/tenancy/content.h"

#include <algorithm>
#include <set>
#include <utility>

#include "common/api/errors.h"
#include "common/api/object.h"
#include "common/base/status.h"
#include "shard/registry/metadata.h"
#include "shard/storage/owner_index.h"
#include "shard/tenancy/new_cluster.h"

namespace atoll::tenancy {
namespace {

// Finalizers that stand for this very removal.
bool IsOurs(const registry::ResourceDefinition& definition, std::string_view finalizer) {
  return (definition.gvr.resource == "apibindings" && finalizer == "apis.kcp.io/apibinding-finalizer") ||
         (definition.gvr.resource == "logicalclusters" && finalizer == kDeletionFinalizer);
}

api::GroupResource StoredAs(const registry::ResourceDefinition& d) {
  return d.stored_as.resource.empty() ? d.gr() : d.stored_as;
}

bool IsLast(const registry::ResourceDefinition& d) {
  return d.gr() == api::GroupResource{"rbac.authorization.k8s.io", "clusterroles"} ||
         d.gr() == api::GroupResource{"rbac.authorization.k8s.io", "clusterrolebindings"} ||
         d.gr() == api::GroupResource{"apis.kcp.io", "apibindings"};
}

bool IsLogicalCluster(const registry::ResourceDefinition& d) {
  return d.gr() == api::GroupResource{"core.kcp.io", "logicalclusters"};
}
bool IsNamespace(const registry::ResourceDefinition& d) { return d.gr() == api::GroupResource{"", "namespaces"}; }
bool IsCustomResourceDefinition(const registry::ResourceDefinition& d) {
  return d.gr() == api::GroupResource{"apiextensions.k8s.io", "customresourcedefinitions"};
}
bool IsWorkspace(const registry::ResourceDefinition& d) {
  return d.gr() == api::GroupResource{"tenancy.kcp.io", "workspaces"};
}

}  // namespace

Task<absl::StatusOr<std::vector<ContentRemover::Found>>> ContentRemover::Find(LogicalClusterId cluster, std::string ns,
                                                                              Filter filter) {
  std::vector<registry::DefinitionPtr> wanted = resolver_.Stored({cluster, false});
  std::erase_if(wanted, [&](const registry::DefinitionPtr& d) { return !filter(*d); });
  auto found = co_await FindOf(std::move(cluster), std::move(ns), std::move(wanted));
  co_return found;
}

Task<absl::StatusOr<std::vector<ContentRemover::Found>>> ContentRemover::FindOf(
    LogicalClusterId cluster, std::string ns, std::vector<registry::DefinitionPtr> wanted) {
  auto view = store_.Snapshot();
  auto result = co_await pool_.Run([view, cluster, ns, wanted]() -> absl::StatusOr<std::vector<Found>> {
    std::vector<Found> out;
    for (const auto& definition : wanted) {
      const std::string scope = ns.empty() ? storage::ClusterScopeKey(StoredAs(*definition), "", cluster)
                                           : storage::NamespaceScope(StoredAs(*definition), "", cluster, ns);
      absl::Status bad;
      absl::Status scanned = view->Scan(
          scope, store::ScopeEnd(scope), [&](std::string_view key, std::string_view value, store::Revision modified) {
            Found found;
            found.definition = definition;
            found.store_key = std::string(key);
            found.modified = modified;
            auto decoded = storage::DecodeKey(key);
            if (!decoded.ok()) {
              bad = decoded.status();
              return false;
            }
            found.key = *std::move(decoded);
            // Most objects have no finalizers: look at the bytes before parsing them.
            if (value.find("\"finalizers\":[") != std::string_view::npos ||
                value.find("\"deletionTimestamp\":") != std::string_view::npos) {
              auto object = storage::StoredObject(std::string(value), modified).Decode();
              if (!object.ok()) {
                bad = object.status();
                return false;
              }
              found.finalizers = api::Finalizers(*object);
              std::erase_if(found.finalizers, [&](const std::string& f) { return IsOurs(*definition, f); });
              found.deleting = api::IsDeleting(*object);
            }
            storage::UnindexOwners(found.key.cluster, key, value, &found.unindex);
            out.push_back(std::move(found));
            return true;
          });
      if (!scanned.ok()) return scanned;
      if (!bad.ok()) return bad;
    }
    return out;
  });
  if (!result.ok()) co_return result.status();
  co_return *std::move(result);
}

Task<absl::Status> ContentRemover::DeleteNow(std::vector<Found> found) {
  for (size_t i = 0; i < found.size();) {
    store::Transaction txn;
    for (; i < found.size() && txn.ops.size() + txn.index.size() < 1000; ++i) {
      store::Op op;
      op.kind = store::Op::Kind::kDelete;
      op.key = found[i].store_key;
      op.precondition = store::Precondition::At(found[i].modified);
      op.keep_previous = true;
      txn.ops.push_back(std::move(op));
      for (store::IndexOp& entry : found[i].unindex.index) txn.index.push_back(std::move(entry));
    }
    auto committed = co_await store_.Commit(std::move(txn));
    // Somebody changed one of them meanwhile: the next pass sees it as it is now.
    if (!committed.ok()) co_return committed.status();
  }
  co_return absl::OkStatus();
}

Task<absl::StatusOr<Remaining>> ContentRemover::Remove(std::vector<Found> found) {
  Remaining remaining;
  std::vector<Found> now;
  // A Namespace stays while something in it waits for its finalizers: what is in no namespace cannot be updated.
  // The same goes for a definition and its objects.
  std::set<std::string> occupied, held;
  for (const Found& f : found) {
    if (f.finalizers.empty()) continue;
    occupied.insert(f.key.ns);
    held.insert(f.definition->gr().ToString());
  }
  for (Found& f : found) {
    const bool waits = (IsNamespace(*f.definition) && occupied.contains(f.key.name)) ||
                       (IsCustomResourceDefinition(*f.definition) && held.contains(f.key.name));
    if (waits && f.finalizers.empty()) {
      ++remaining.instances[f.definition->gr().ToString()];
      continue;
    }
    if (f.finalizers.empty()) {
      now.push_back(std::move(f));
      continue;
    }
    ++remaining.instances[f.definition->gr().ToString()];
    for (const std::string& finalizer : f.finalizers) ++remaining.finalizers[finalizer];
    // In background: what waits for its dependents, or for their orphaning, waits no longer, since they go as well.
    const bool collected = std::any_of(f.finalizers.begin(), f.finalizers.end(), [](const std::string& finalizer) {
      return finalizer == registry::kOrphanFinalizer || finalizer == registry::kForegroundFinalizer;
    });
    if (f.deleting && !collected) continue;
    absl::Status deleted = co_await client_.Delete({f.key.cluster, f.definition->gvr, f.key.ns, f.key.name, ""},
                                                   std::string(), "Background");
    if (!deleted.ok() && !api::IsNotFound(deleted)) co_return deleted;
  }
  CO_RETURN_IF_ERROR(co_await DeleteNow(std::move(now)));
  co_return remaining;
}

Task<absl::StatusOr<Remaining>> ContentRemover::RemoveNamespaced(LogicalClusterId cluster, std::string ns) {
  auto found = co_await Find(cluster, ns, [](const registry::ResourceDefinition& d) { return d.namespaced(); });
  if (!found.ok()) co_return found.status();
  auto remaining = co_await Remove(*std::move(found));
  co_return remaining;
}

Task<absl::StatusOr<Remaining>> ContentRemover::RemoveResource(LogicalClusterId cluster,
                                                               registry::DefinitionPtr definition) {
  auto found = co_await FindOf(std::move(cluster), "", {std::move(definition)});
  if (!found.ok()) co_return found.status();
  auto remaining = co_await Remove(*std::move(found));
  co_return remaining;
}

Task<absl::StatusOr<Remaining>> ContentRemover::RemoveCluster(LogicalClusterId cluster, json::Value logical_cluster) {
  // Child workspaces hold clusters of their own, maybe on other shards: they go first, depth first.
  auto children = co_await Find(cluster, "", IsWorkspace);
  if (!children.ok()) co_return children.status();
  if (!children->empty()) {
    auto remaining = co_await Remove(*std::move(children));
    if (!remaining.ok() || !remaining->empty()) co_return remaining;
  }
  auto content = co_await Find(cluster, "", [](const registry::ResourceDefinition& d) {
    return !IsWorkspace(d) && !IsLast(d) && !IsLogicalCluster(d);
  });
  if (!content.ok()) co_return content.status();
  auto remaining = co_await Remove(*std::move(content));
  if (!remaining.ok() || !remaining->empty()) co_return remaining;

  auto last = co_await Find(cluster, "", [](const registry::ResourceDefinition& d) { return IsLast(d); });
  if (!last.ok()) co_return last.status();
  remaining = co_await Remove(*std::move(last));
  if (!remaining.ok() || !remaining->empty()) co_return remaining;

  auto self = co_await Find(cluster, "", IsLogicalCluster);
  if (!self.ok()) co_return self.status();
  if (self->empty() || self->front().finalizers.empty()) {
    remaining = co_await Remove(*std::move(self));
    co_return remaining;
  }
  // Others still hold the emptied cluster: we no longer do. The last of them to go takes the object with it.
  if (api::RemoveFinalizer(&logical_cluster, kDeletionFinalizer)) {
    const client::ObjectRef ref{cluster, self->front().definition->gvr, "", self->front().key.name, ""};
    auto updated = co_await client_.Update(ref, std::move(logical_cluster));
    if (!updated.ok()) co_return updated.status();
  }
  co_return Remaining();
}

}  // namespace atoll::tenancy
