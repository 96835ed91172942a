#include "shard/admission/path_annotation/plugin.h"

#include "common/api/object.h"

namespace atoll::admission {
namespace {

bool FoundByPath(const registry::ResourceDefinition& d) {
  return (d.gvr.group == "apis.kcp.io" && (d.gvr.resource == "apiexports" || d.gvr.resource == "apibindings")) ||
         (d.gvr.group == "tenancy.kcp.io" && d.gvr.resource == "workspacetypes") ||
         (d.gvr.group == "cache.kcp.io" && d.gvr.resource == "clustercachedresources");
}

class PathAnnotation final : public Plugin {
 public:
  explicit PathAnnotation(const registry::Clusters* clusters) : clusters_(clusters) {}

  Task<absl::Status> Mutate(Attributes& a) override {
    if (a.object == nullptr || !a.ctx.subresource.empty()) co_return absl::OkStatus();
    const registry::ResourceDefinition& d = *a.ctx.definition;
    // The LogicalCluster object is where the path comes from.
    if (d.gr() == api::GroupResource{"core.kcp.io", "logicalclusters"}) co_return absl::OkStatus();
    if (!FoundByPath(d) && !api::HasAnnotation(*a.object, api::kPathAnnotation)) co_return absl::OkStatus();
    auto cluster = clusters_->Find(a.ctx.cluster.id);
    api::SetAnnotation(a.object, api::kPathAnnotation, cluster == nullptr ? a.ctx.cluster.id.name() : cluster->path);
    co_return absl::OkStatus();
  }

 private:
  const registry::Clusters* const clusters_;
};

}  // namespace

std::unique_ptr<Plugin> NewPathAnnotation(const registry::Clusters* clusters) {
  return std::make_unique<PathAnnotation>(clusters);
}

}  // namespace atoll::admission
