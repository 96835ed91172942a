// The virtual workspaces of a shard, by the first word of their path.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "shard/endpoints/hooks.h"
#include "shard/virtual/context.h"
#include "shard/virtual/workspace.h"

namespace atoll::virtual_workspaces {

class All final : public endpoints::VirtualWorkspaces {
 public:
  explicit All(const Context& context);
  Task<Outcome> Handle(endpoints::Call& call) override;
  void Drain() override;
  void RecheckWatches(const LogicalClusterId* cluster) override;

 private:
  std::map<std::string, std::unique_ptr<VirtualWorkspace>, std::less<>> by_name_;
};

}  // namespace atoll::virtual_workspaces
