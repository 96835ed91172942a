#include "shard/virtual/lifecycle/resolver.h"

#include <utility>

namespace atoll::virtual_workspaces {
namespace {

using Verbs = std::vector<std::string>;

std::shared_ptr<const registry::Resolver::Set> With(const registry::ResourceDefinition& original, Verbs verbs,
                                                    Verbs status_verbs) {
  auto d = std::make_shared<registry::ResourceDefinition>(original);
  d->verbs = std::move(verbs);
  for (registry::Subresource& s : d->subresources) s.verbs = status_verbs;
  d->storage_version_hash = "l84hS/aun10=";
  return std::make_shared<const registry::Resolver::Set>(registry::Resolver::Set{std::move(d)});
}

}  // namespace

LifecycleResolver::LifecycleResolver(const registry::ResourceDefinition& logical_clusters)
    : all_clusters_(With(logical_clusters, {"get", "list", "watch"}, {})),
      one_cluster_(With(logical_clusters, {"get"}, {"get", "patch", "update"})) {}

std::shared_ptr<const registry::Resolver::Set> LifecycleResolver::All(const registry::ClusterScope& cluster) const {
  return cluster.wildcard ? all_clusters_ : one_cluster_;
}

registry::DefinitionPtr LifecycleResolver::Find(const registry::ClusterScope& cluster, const api::Gvr& gvr) const {
  const registry::DefinitionPtr& only = All(cluster)->front();
  return only->gvr == gvr ? only : nullptr;
}

}  // namespace atoll::virtual_workspaces
