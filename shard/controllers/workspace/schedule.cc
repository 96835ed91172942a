#include "shard/controllers/workspace/schedule.h"

#include "common/api/object.h"
#include "common/api/selectors.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/json/parse.h"
#include "shard/tenancy/new_cluster.h"

namespace atoll::controllers {

absl::StatusOr<tenancy::ShardInfo> ChooseShard(const json::Value& workspace,
                                               const std::vector<tenancy::ShardInfo>& shards, Random& random) {
  std::vector<const tenancy::ShardInfo*> candidates;
  const json::Value* selector = workspace.At({"spec", "location", "selector"});
  api::LabelSelector wanted;
  if (selector != nullptr && selector->is_object()) {
    auto parsed = api::LabelSelector::FromObject(selector);
    if (!parsed.ok())
      return absl::InvalidArgumentError(StrCat("spec.location.selector is invalid: ", parsed.status().message()));
    wanted = *std::move(parsed);
  }
  for (const tenancy::ShardInfo& shard : shards) {
    if (shard.unschedulable) continue;
    json::Value labels = json::Value::MakeObject();
    for (const auto& [key, value] : shard.labels) labels.object().Append(key, value);
    if (wanted.MatchesLabels(&labels)) candidates.push_back(&shard);
  }
  if (candidates.empty()) return absl::NotFoundError("No available shards to schedule the workspace");
  return *candidates[random.Below(candidates.size())];
}

json::Value LogicalClusterFor(const json::Value& workspace, std::string_view parent_cluster,
                              std::string_view parent_path, std::string_view required_groups,
                              const std::vector<std::string>& initializers,
                              const std::vector<std::string>& terminators) {
  json::Value out = json::Value::MakeObject();
  const std::string type =
      StrCat(workspace.StringAt({"spec", "type", "path"}), ":", workspace.StringAt({"spec", "type", "name"}));
  const std::string_view owner = api::Annotation(workspace, tenancy::kOwnerAnnotation);
  if (!owner.empty()) api::SetAnnotation(&out, tenancy::kOwnerAnnotation, owner);
  api::SetAnnotation(&out, tenancy::kTypeAnnotation, type);
  api::SetAnnotation(&out, api::kPathAnnotation, StrCat(parent_path, ":", api::Name(workspace)));
  std::string_view groups = api::Annotation(workspace, tenancy::kRequiredGroupsAnnotation);
  if (groups.empty()) groups = required_groups;
  if (!groups.empty()) api::SetAnnotation(&out, tenancy::kRequiredGroupsAnnotation, groups);

  json::Value& spec = out.Ensure({"spec"});
  if (auto info = json::Parse(owner); !owner.empty() && info.ok() && info->is_object())
    spec.Ensure({"createdBy"}) = *std::move(info);
  spec.Ensure({"directlyDeletable"}) = false;
  auto strings = [](const std::vector<std::string>& in) {
    json::Array a;
    for (const std::string& s : in) a.emplace_back(s);
    return a;
  };
  if (!initializers.empty()) spec.Ensure({"initializers"}) = strings(initializers);
  json::Value& by = spec.Ensure({"owner"});
  by.Ensure({"apiVersion"}) = "tenancy.kcp.io/v1alpha1";
  by.Ensure({"cluster"}) = parent_cluster;
  by.Ensure({"name"}) = api::Name(workspace);
  by.Ensure({"resource"}) = "workspaces";
  by.Ensure({"uid"}) = api::Uid(workspace);
  if (!terminators.empty()) spec.Ensure({"terminators"}) = strings(terminators);
  return out;
}

bool ApplyTerminalConditions(json::Value* workspace) {
  const std::string phase(workspace->StringAt({"status", "phase"}));
  if (phase == "Terminating" || phase == "Deleting") return false;
  bool broken = false;
  if (const json::Value* conditions = workspace->At({"status", "conditions"});
      conditions != nullptr && conditions->is_array()) {
    for (const json::Value& c : conditions->array()) {
      broken |= c.StringAt({"type"}).starts_with("Workspace") && c.StringAt({"status"}) == "False";
    }
  }
  const char* want = broken ? "Unavailable" : phase == "Unavailable" ? "Ready" : nullptr;
  if (want == nullptr || phase == want) return false;
  workspace->Ensure({"status", "phase"}) = want;
  return true;
}

}  // namespace atoll::controllers
