// Shard: URLs that follow from the base URL, and the label by which workspaces ask for a shard (spec/tenancy.md 3.1).
#pragma once

#include <memory>

#include "shard/admission/plugin.h"

namespace atoll::admission {

std::unique_ptr<Plugin> NewShard();

}  // namespace atoll::admission
