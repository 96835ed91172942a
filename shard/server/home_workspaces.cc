#include "shard/server/home_workspaces.h"

#include "common/api/errors.h"
#include "common/api/object.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "shard/endpoints/attributes.h"
#include "shard/endpoints/respond.h"
#include "shard/tenancy/home.h"

namespace atoll::shard {
namespace {

// How long the initializers of a home may take before its user is told that something is wrong.
constexpr absl::Duration kCreationMax = absl::Minutes(1);

}  // namespace

Task<absl::StatusOr<json::Value>> LocalHomeWorkspaces::Make(const endpoints::Call& call, const LogicalClusterId& home) {
  authorization::Attributes create = endpoints::AttributesOf(call);
  create.verb = "create";
  const authorization::Decision decision = co_await authorizer_->Authorize(create);
  if (!decision.allowed()) co_return authorization::ForbiddenError(create, "workspace access not permitted");
  const size_t colon = tenancy::kHomeType.rfind(':');
  const tenancy::TypePtr type =
      catalog_->FindType(tenancy::kHomeType.substr(0, colon), tenancy::kHomeType.substr(colon + 1));
  if (type == nullptr) co_return api::InternalError(Cat("workspace type ", tenancy::kHomeType, " not found"));
  CO_ASSIGN_OR_RETURN(const std::vector<tenancy::TypePtr> expanded, catalog_->Expand(type));
  co_return co_await admin_->Create(home, tenancy::HomeLogicalCluster(call.user, expanded));
}

Task<void> LocalHomeWorkspaces::Serve(endpoints::Call& call) {
  const LogicalClusterId home = HomeClusterOf(call.user.name);
  auto cluster = co_await admin_->Get(home);
  if (api::IsNotFound(cluster.status())) cluster = co_await Make(call, home);
  if (!cluster.ok()) co_return co_await endpoints::SendError(call, cluster.status());
  const std::string_view phase = cluster->StringAt({"status", "phase"});
  if (phase == "Scheduling" || phase == "Initializing") {
    const auto created = api::ParseTime(cluster->StringAt({"metadata", "creationTimestamp"}));
    if (created.has_value() && clock_->Now() - *created > kCreationMax)
      co_return co_await endpoints::SendError(call, api::InternalError("home workspace creation timeout"));
    http::Headers headers;
    headers.Add("retry-after", "1");
    co_return co_await endpoints::SendText(call, 429, "Creating the home workspace\n", std::move(headers));
  }
  call.representation.pretty = true;  // as the reference does for everybody
  co_await endpoints::SendValue(call, 200, tenancy::HomeWorkspace(home, *cluster));
}

}  // namespace atoll::shard
