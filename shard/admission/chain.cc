#include <utility>

#include "common/base/status.h"
#include "shard/admission/plugin.h"

namespace atoll::admission {

void Chain::Add(std::string name, std::unique_ptr<Plugin> plugin) {
  rows_.push_back({std::move(name), std::move(plugin)});
}

Task<absl::Status> Chain::Mutate(Attributes& attributes) const {
  for (const Row& row : rows_) CO_RETURN_IF_ERROR(co_await row.plugin->Mutate(attributes));
  co_return absl::OkStatus();
}

Task<absl::Status> Chain::Validate(Attributes& attributes) const {
  for (const Row& row : rows_) CO_RETURN_IF_ERROR(co_await row.plugin->Validate(attributes));
  co_return absl::OkStatus();
}

}  // namespace atoll::admission
