// Brings the resources of an export into a workspace. The preferred version, and the stored one.
#include <utility>

#include "common/api/object.h"
#include "shard/resources/all.h"
#include "shard/resources/build.h"
#include "shard/resources/columns.h"
#include "shard/resources/custom_strategy.h"

namespace atoll::resources {
namespace {

using json::Value;

Value Ready(const Value& object) {
  const Value* condition = api::FindCondition(object, "Ready");
  return condition == nullptr ? Value() : Value(condition->StringAt({"status"}));
}

using Must = TransitionRule::Must;

}  // namespace

DefinitionPtr ApiBindingV1alpha2Resource() {
  registry::ResourceDefinition d =
      Custom({"apis.kcp.io", "v1alpha2", "apibindings"}, "APIBinding", /*has_status=*/true);
  d.columns = {CustomAge(), CustomCell("Ready", ".status.conditions[?(@.type==\"Ready\")].status", Ready)};
  d.strategy = std::make_shared<CustomStrategy>(
      d.schema, CustomStrategy::Options{.has_status = true,
                                        .transitions = {{.path = {"spec", "reference"},
                                                         .must = Must::kStayEqual,
                                                         .message = "APIExport reference must not be changed"}}});
  d.storage_version_hash = "xDY9sc7LaTk=";
  return Done(std::move(d));
}

}  // namespace atoll::resources
