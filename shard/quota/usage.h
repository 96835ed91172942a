// What a ResourceQuota counts, and whether one more object fits. Pure (spec/api-machinery.md 10.3, spec/apis.md 17.1).
//
// Objects are counted by `count/<resource>.<group>`, whatever the resource: nothing here knows kinds. The short names
// of before (`configmaps`, `pods`, ...) and Events may be written and bound nothing, as in the reference.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/api/gvr.h"
#include "common/api/quantity.h"
#include "common/json/value.h"

namespace atoll::quota {

// Where quotas over a whole logical cluster live, and what says so of one.
inline constexpr std::string_view kClusterQuotaNamespace = "admin";
inline constexpr std::string_view kClusterScopedAnnotation = "experimental.quota.kcp.io/cluster-scoped";

// `count/widgets.example.com`, `count/configmaps`.
std::string CountName(const api::GroupResource& resource);
// The resource that a name of spec.hard counts; nullopt when it counts nothing.
std::optional<api::GroupResource> CountedResource(std::string_view name);

// True when the quota bounds the whole logical cluster, instead of its namespace.
bool IsClusterScoped(const json::Value& quota);
// Objects that no quota bounds: what a logical cluster cannot be without.
bool IsExempt(const api::GroupResource& resource, std::string_view name);

// A count in force: from status.hard, as Kubernetes has it, so that a quota bounds from the moment its status says so.
struct Bound {
  std::string hard;                   // as printed
  std::optional<api::Quantity> used;  // nullopt: not counted yet
};
std::optional<Bound> BoundOf(const json::Value& quota, const api::GroupResource& resource);

// `exceeded quota: q, requested: count/x=1, used: count/x=5, limited: count/x=5`, or "" when one more fits.
std::string Exceeded(std::string_view quota, std::string_view count_name, const Bound& bound, int64_t used);

void SetUsed(const api::GroupResource& resource, int64_t used, json::Value* quota);

// True when status.hard is not what spec.hard says.
bool HardDiffers(const json::Value& quota);
// status.hard = spec.hard; of status.used what is still bounded. What was counted anew wins.
void SetStatus(const std::map<std::string, int64_t>& counted, json::Value* quota);

}  // namespace atoll::quota
