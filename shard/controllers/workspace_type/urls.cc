#include "shard/controllers/workspace_type/urls.h"

#include "common/api/object.h"
#include "common/base/strings.h"

namespace atoll::controllers {

bool SetVirtualWorkspaces(std::string_view id, const std::vector<tenancy::ShardInfo>& shards, absl::Time now,
                          json::Value* type) {
  json::Array urls;
  for (const tenancy::ShardInfo& shard : shards) {
    if (shard.virtual_workspace_url.empty()) continue;
    for (std::string_view kind : {"initializing", "terminating"}) {
      json::Value url = json::Value::MakeObject();
      url.Ensure({"type"}) = kind;
      url.Ensure({"url"}) = StrCat(shard.virtual_workspace_url, "/services/", kind, "workspaces/", id);
      urls.push_back(std::move(url));
    }
  }
  json::Value wanted(std::move(urls));
  const json::Value* current = type->At({"status", "virtualWorkspaces"});
  const bool same = current == nullptr ? wanted.array().empty() : *current == wanted;
  if (!same) type->Ensure({"status", "virtualWorkspaces"}) = std::move(wanted);
  const bool served = api::SetCondition(type, "VirtualWorkspaceURLsReady", true, now);
  const bool ready = api::SetCondition(type, "Ready", true, now);
  return !same || served || ready;
}

}  // namespace atoll::controllers
