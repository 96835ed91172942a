#include "shard/virtual/all.h"

#include "shard/virtual/lifecycle/workspace.h"

namespace atoll::virtual_workspaces {

All::All(const Context& context) {
  for (const tenancy::Lifecycle* lifecycle : {&tenancy::kInitialization, &tenancy::kTermination})
    by_name_.emplace(lifecycle->workspace, NewLifecycleWorkspace(context, *lifecycle));
}

Task<All::Outcome> All::Handle(endpoints::Call& call) {
  std::string_view name = call.info.path;
  name.remove_prefix(std::string_view("/services/").size());
  const auto found = by_name_.find(name.substr(0, name.find('/')));
  if (found == by_name_.end()) co_return Outcome::kUnknown;
  co_return co_await found->second->Handle(call);
}

void All::Drain() {
  for (auto& [name, workspace] : by_name_) workspace->Drain();
}

void All::RecheckWatches(const LogicalClusterId* cluster) {
  for (auto& [name, workspace] : by_name_) workspace->RecheckWatches(cluster);
}

}  // namespace atoll::virtual_workspaces
