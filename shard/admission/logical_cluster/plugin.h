// LogicalCluster: which transitions ordinary users may make, and the finalizer that only the system removes
// (spec/tenancy.md 6.5).
#pragma once

#include <memory>

#include "shard/admission/plugin.h"

namespace atoll::admission {

std::unique_ptr<Plugin> NewLogicalCluster();

}  // namespace atoll::admission
