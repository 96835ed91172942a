#include "shard/admission/all.h"

#include "shard/admission/certificates/plugin.h"
#include "shard/admission/logical_cluster/plugin.h"
#include "shard/admission/namespace_lifecycle/plugin.h"
#include "shard/admission/path_annotation/plugin.h"
#include "shard/admission/rbac_escalation/plugin.h"
#include "shard/admission/reserved_definitions/plugin.h"
#include "shard/admission/shard/plugin.h"
#include "shard/admission/workspace/plugin.h"
#include "shard/admission/workspace_type/plugin.h"
#include "shard/admission/workspace_type_exists/plugin.h"

namespace atoll::admission {

void AddAll(const PluginContext& c, Chain* chain) {
  chain->Add("RbacEscalation", NewRbacEscalation({c.authorizer, c.roles}));
  chain->Add("Certificates", NewCertificates(c.authorizer, c.clock));
  chain->Add("WorkspaceNamespaceLifecycle", NewNamespaceLifecycle(c.store, c.clusters));
  chain->Add("tenancy.kcp.io/Workspace", NewWorkspace(c.clusters));
  chain->Add("tenancy.kcp.io/Shard", NewShard());
  chain->Add("tenancy.kcp.io/WorkspaceType", NewWorkspaceType(c.clusters, c.authorizer));
  chain->Add("tenancy.kcp.io/WorkspaceTypeExists", NewWorkspaceTypeExists(c.clusters, c.catalog, c.authorizer));
  chain->Add("core.kcp.io/LogicalCluster", NewLogicalCluster());
  chain->Add("apis.kcp.io/ReservedDefinitions", NewReservedDefinitions());
  chain->Add("kcp.io/PathAnnotation", NewPathAnnotation(c.clusters));
}

}  // namespace atoll::admission
