// CustomResolver: what is built in, and what each logical cluster defines beside it. What is built in comes first, so
// its look-up costs what it cost before. Thread-safe.
#pragma once

#include "shard/dynamic/custom_resources.h"
#include "shard/registry/resolver.h"

namespace atoll::dynamic {

class CustomResolver final : public registry::Resolver {
 public:
  // Both outlive this.
  CustomResolver(const registry::Resolver* builtin, const CustomResources* custom)
      : builtin_(*builtin), custom_(*custom) {}

  registry::DefinitionPtr Find(const registry::ClusterScope& cluster, const api::Gvr& gvr) const override {
    if (registry::DefinitionPtr found = builtin_.Find(cluster, gvr)) return found;
    return cluster.wildcard ? custom_.FindAnywhere(gvr) : custom_.Find(cluster.id, gvr);
  }
  std::shared_ptr<const Set> All(const registry::ClusterScope& cluster) const override {
    std::shared_ptr<const Set> builtin = builtin_.All(cluster);
    return cluster.wildcard ? builtin : custom_.All(cluster.id, std::move(builtin));
  }
  std::vector<registry::DefinitionPtr> Stored(const registry::ClusterScope& cluster) const override {
    std::vector<registry::DefinitionPtr> out = builtin_.Stored(cluster);
    for (auto& d : custom_.Stored(cluster.id)) out.push_back(std::move(d));
    return out;
  }
  bool IsBuiltinGroup(std::string_view group) const override { return builtin_.IsBuiltinGroup(group); }

 private:
  const registry::Resolver& builtin_;
  const CustomResources& custom_;
};

}  // namespace atoll::dynamic
