#include "shard/quota/usage.h"

#include <algorithm>

#include "common/api/object.h"
#include "common/base/strings.h"

namespace atoll::quota {
namespace {

constexpr std::string_view kCount = "count/";

}  // namespace

std::string CountName(const api::GroupResource& resource) { return StrCat(kCount, resource.ToString()); }

std::optional<api::GroupResource> CountedResource(std::string_view name) {
  if (!name.starts_with(kCount)) return std::nullopt;
  name.remove_prefix(kCount.size());
  const size_t dot = name.find('.');
  api::GroupResource out;
  out.resource = std::string(name.substr(0, dot));
  if (dot != std::string_view::npos) out.group = std::string(name.substr(dot + 1));
  const bool events = out.resource == "events" && (out.group.empty() || out.group == "events.k8s.io");
  if (out.resource.empty() || events) return std::nullopt;
  return out;
}

bool IsClusterScoped(const json::Value& quota) {
  return api::Namespace(quota) == kClusterQuotaNamespace && api::Annotation(quota, kClusterScopedAnnotation) == "true";
}

bool IsExempt(const api::GroupResource& resource, std::string_view name) {
  return (resource.group == "core.kcp.io" && resource.resource == "logicalclusters") ||
         (resource.group == "rbac.authorization.k8s.io" && resource.resource == "clusterrolebindings" &&
          name == "workspace-admin");
}

std::optional<Bound> BoundOf(const json::Value& quota, const api::GroupResource& resource) {
  const std::string name = CountName(resource);
  Bound out;
  out.hard = std::string(quota.StringAt({"status", "hard", name}));
  if (out.hard.empty() || !CountedResource(name).has_value()) return std::nullopt;
  if (const std::string_view used = quota.StringAt({"status", "used", name}); !used.empty()) {
    if (auto parsed = api::Quantity::Parse(used); parsed.ok()) out.used = *parsed;
  }
  return out;
}

std::string Exceeded(std::string_view quota, std::string_view count_name, const Bound& bound, int64_t used) {
  auto hard = api::Quantity::Parse(bound.hard);
  if (hard.ok() && api::Quantity(used + 1) <= *hard) return "";
  return StrCat("exceeded quota: ", quota, ", requested: ", count_name, "=1, used: ", count_name, "=",
                api::Quantity(used).ToString(), ", limited: ", count_name, "=", bound.hard);
}

void SetUsed(const api::GroupResource& resource, int64_t used, json::Value* quota) {
  quota->Ensure({"status", "used", CountName(resource)}) = api::Quantity(std::max<int64_t>(used, 0)).ToString();
  quota->Ensure({"status", "used"}).object().SortByKey();
}

bool HardDiffers(const json::Value& quota) {
  const json::Value none = json::Value::MakeObject();
  const auto hard = [&](std::string_view part) -> const json::Value& {
    const json::Value* found = quota.At({part, "hard"});
    return found != nullptr && found->is_object() ? *found : none;
  };
  return !(hard("spec") == hard("status"));
}

void SetStatus(const std::map<std::string, int64_t>& counted, json::Value* quota) {
  json::Object hard, used;
  if (const json::Value* bounds = quota->At({"spec", "hard"}); bounds != nullptr && bounds->is_object()) {
    for (const auto& [name, bound] : bounds->object()) {
      hard.Append(name, bound);
      if (const auto count = counted.find(name); count != counted.end()) {
        used.Append(name, json::Value(api::Quantity(count->second).ToString()));
      } else if (const json::Value* before = quota->At({"status", "used", name}); before != nullptr) {
        used.Append(name, *before);
      }
    }
  }
  hard.SortByKey();
  used.SortByKey();
  json::Object status;
  if (!hard.empty()) status.Append("hard", json::Value(std::move(hard)));
  if (!used.empty()) status.Append("used", json::Value(std::move(used)));
  quota->object().Set("status", json::Value(std::move(status)));
}

}  // namespace atoll::quota
