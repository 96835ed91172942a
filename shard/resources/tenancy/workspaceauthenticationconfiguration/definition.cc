// Further issuers whose tokens a workspace accepts.
#include <utility>

#include "shard/resources/all.h"
#include "shard/resources/build.h"
#include "shard/resources/columns.h"

namespace atoll::resources {

DefinitionPtr WorkspaceAuthenticationConfigurationResource() {
  registry::ResourceDefinition d = Custom({"tenancy.kcp.io", "v1alpha1", "workspaceauthenticationconfigurations"},
                                          "WorkspaceAuthenticationConfiguration", /*has_status=*/false);
  d.columns = {CustomAge()};
  d.bound_by_export = "tenancy.kcp.io";
  d.storage_version_hash = "stDUNshTbKA=";
  return Done(std::move(d));
}

}  // namespace atoll::resources
