// An engine without files, for tests and the simulation. Multi-version: each key keeps the versions that a live view
// may still read.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "common/store/kv/engine.h"

namespace atoll::store::kv {

// Ignores `options`. Never fails.
absl::StatusOr<std::unique_ptr<Engine>> OpenMemoryEngine(const EngineOptions& options);

}  // namespace atoll::store::kv
