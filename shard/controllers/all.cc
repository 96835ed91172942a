#include "shard/controllers/all.h"

#include "shard/controllers/cleaner/controller.h"
#include "shard/controllers/cluster_role_aggregation/controller.h"
#include "shard/controllers/custom_resource_definition/controller.h"
#include "shard/controllers/event_expiry/controller.h"
#include "shard/controllers/garbage_collector/controller.h"
#include "shard/controllers/logical_cluster/controller.h"
#include "shard/controllers/namespace/controller.h"
#include "shard/controllers/replicate/controller.h"
#include "shard/controllers/resource_quota/controller.h"
#include "shard/controllers/service_account_token/controller.h"
#include "shard/controllers/workspace/controller.h"
#include "shard/controllers/workspace_type/controller.h"

namespace atoll::controllers {

std::vector<std::unique_ptr<Controller>> All(const Context& context) {
  std::vector<std::unique_ptr<Controller>> out;
  out.push_back(NewWorkspaceController(context));
  out.push_back(NewLogicalClusterController(context));
  out.push_back(NewNamespaceController(context));
  out.push_back(NewWorkspaceTypeController(context));
  out.push_back(NewCustomResourceDefinitionController(context));
  out.push_back(NewServiceAccountTokenController(context));
  out.push_back(NewClusterRoleAggregationController(context));
  out.push_back(NewReplicateController(context));
  out.push_back(NewResourceQuotaController(context));
  if (context.event_ttl > absl::ZeroDuration()) out.push_back(NewEventExpiryController(context));
  for (const CleaningRule& rule : CleaningRules()) out.push_back(NewCleaner(context, rule));
  out.push_back(NewGarbageCollector(context));
  return out;
}

}  // namespace atoll::controllers
