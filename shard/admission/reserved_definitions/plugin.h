// ReservedDefinitions: custom resource definitions in the group of bindings, or with annotations of it, are the
// system's own (spec/tenancy.md 1.6).
#pragma once

#include <memory>

#include "shard/admission/plugin.h"

namespace atoll::admission {

std::unique_ptr<Plugin> NewReservedDefinitions();

}  // namespace atoll::admission
