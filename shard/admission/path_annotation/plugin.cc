#include "shard/admission/path_annotation/plugin.h"

#include "common/api/errors.h"
#include "common/api/object.h"
#include "common/base/strings.h"

namespace atoll::admission {
namespace {

const api::GroupResource kLogicalClusters{"core.kcp.io", "logicalclusters"};
const api::GroupResource kApiBindings{"apis.kcp.io", "apibindings"};

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
    if (d.gr() == kLogicalClusters) co_return absl::OkStatus();
    if (!FoundByPath(d) && !api::HasAnnotation(*a.object, api::kPathAnnotation)) co_return absl::OkStatus();
    auto cluster = clusters_->Find(a.ctx.cluster.id);
    if (cluster == nullptr) {
      // System bindings may come before their cluster.
      if (d.gr() == kApiBindings) co_return absl::OkStatus();
      co_return api::Forbidden(
          d.gr(), api::Name(*a.object),
          StrCat("cannot get this workspace: ", kLogicalClusters.ToString(), " \"cluster\" not found"));
    }
    api::SetAnnotation(a.object, api::kPathAnnotation, cluster->path);
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
