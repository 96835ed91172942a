// The order of a group's API versions: v10, v2, v1, v11beta2, v10beta3, v3beta1, v12alpha1, v11alpha2, foo1, foo10
// (Kubernetes' version priority: stable before beta before alpha, newer first, other names last in their byte order).
// Pure.
#pragma once

#include <string_view>

namespace atoll::api {

// True when `a` goes before `b` in discovery: the first version of a group is the preferred one.
bool VersionGoesFirst(std::string_view a, std::string_view b);

}  // namespace atoll::api
