// PathAnnotation: `kcp.io/path` on objects that are found by path says the canonical path of their logical cluster
// (spec/tenancy.md 6.6).
#pragma once

#include <memory>

#include "shard/admission/plugin.h"
#include "shard/registry/clusters.h"

namespace atoll::admission {

std::unique_ptr<Plugin> NewPathAnnotation(const registry::Clusters* clusters);

}  // namespace atoll::admission
