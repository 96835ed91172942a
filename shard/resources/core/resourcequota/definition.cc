// Bounds on what a namespace may hold.
#include <algorithm>
#include <utility>

#include "common/base/strings.h"
#include "shard/resources/all.h"
#include "shard/resources/build.h"
#include "shard/resources/columns.h"
#include "shard/resources/core/resourcequota/strategy.h"

namespace atoll::resources {
namespace {

using json::Value;

// `configmaps: 1/10, secrets: 0/5`, of the resources that are limits, or of those that are not.
Value Usage(const Value& object, bool limits) {
  std::vector<std::string> parts;
  const Value* hard = object.At({"status", "hard"});
  if (hard == nullptr || !hard->is_object()) return Value("");
  for (const auto& [resource, bound] : hard->object()) {
    if (resource.starts_with("limits.") != limits) continue;
    std::string_view used = object.StringAt({"status", "used", resource});
    parts.push_back(StrCat(resource, ": ", used.empty() ? "0" : used, "/", bound.StringOr()));
  }
  std::sort(parts.begin(), parts.end());
  return Value(StrJoin(parts, ", "));
}

}  // namespace

DefinitionPtr ResourceQuotaResource() {
  registry::ResourceDefinition d = Typed({"", "v1", "resourcequotas"}, "ResourceQuota", registry::Scope::kNamespaced);
  d.short_names = {"quota"};
  d.subresources = {StatusSubresource()};
  d.columns = {Computed("Request", "string", [](const Value& o) { return Usage(o, false); }),
               Computed("Limit", "string", [](const Value& o) { return Usage(o, true); }), Age()};
  d.returns_deleted_object = true;
  d.strategy = std::make_shared<ResourceQuotaStrategy>();
  d.storage_version_hash = "drjg5y79DvY=";
  return Done(std::move(d));
}

}  // namespace atoll::resources
