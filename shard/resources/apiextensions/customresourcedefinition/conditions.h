// status.conditions of a CustomResourceDefinition (spec/api-machinery.md 7.7), in the order in which they were first
// set.
#pragma once

#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "common/json/value.h"

namespace atoll::resources {

// Keeps a definition until its instances are gone.
inline constexpr std::string_view kCleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io";

struct DefinitionCondition {
  std::string_view type, status, reason;
  std::string message;
};

// True when anything but the time changed. The time of a transition moves only with the status.
bool SetDefinitionCondition(json::Value* crd, const DefinitionCondition& condition, absl::Time now);
bool HasDefinitionCondition(const json::Value& crd, std::string_view type);  // with status True

}  // namespace atoll::resources
