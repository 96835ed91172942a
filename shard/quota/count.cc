#include "shard/quota/count.h"

#include <utility>

#include "shard/registry/registry_impl.h"

namespace atoll::quota {

Task<absl::StatusOr<int64_t>> CountObjects(store::Store& store, BlockingPool& pool, registry::DefinitionPtr definition,
                                           LogicalClusterId cluster, std::string ns) {
  registry::CallContext ctx;
  ctx.cluster.id = std::move(cluster);
  ctx.definition = std::move(definition);
  ctx.ns = std::move(ns);
  const std::string scope = registry::ScopeOf(ctx, {});
  auto view = store.Snapshot();
  auto counted = co_await pool.Run([view, scope]() -> absl::StatusOr<int64_t> {
    int64_t count = 0;
    absl::Status scanned =
        view->Scan(scope, store::ScopeEnd(scope), [&](std::string_view, std::string_view, store::Revision) {
          ++count;
          return true;
        });
    if (!scanned.ok()) return scanned;
    return count;
  });
  if (!counted.ok()) co_return counted.status();
  co_return *counted;
}

registry::DefinitionPtr Served(const registry::Resolver& resolver, const LogicalClusterId& cluster,
                               const api::GroupResource& resource) {
  registry::ClusterScope scope;
  scope.id = cluster;
  for (const registry::DefinitionPtr& d : *resolver.All(scope)) {
    if (d->gr() == resource && d->storable) return d;
  }
  return nullptr;
}

}  // namespace atoll::quota
