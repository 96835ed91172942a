// The rules of a ClusterRole with an aggregationRule: those of the roles that its selectors choose. Pure.
#pragma once

#include <vector>

#include "common/json/value.h"

namespace atoll::controllers {

bool Aggregates(const json::Value& role);

// In the order of the selectors, for each the chosen roles by name, each rule once; never its own. `roles` are all of
// the cluster, sorted by name. A selector that cannot be read chooses nothing.
json::Array AggregatedRules(const json::Value& role, const std::vector<json::Value>& roles);

// True when the role's rules are these; none and null are the same.
bool HasRules(const json::Value& role, const json::Array& rules);

}  // namespace atoll::controllers
