// What a plain YAML 1.1 scalar means.
#pragma once

#include <string_view>

#include "common/json/value.h"

namespace atoll::json {

Value ResolvePlainScalar(std::string_view s);
// `.inf`, `.nan`: numbers that JSON does not have.
bool IsNotFinite(std::string_view s);

}  // namespace atoll::json
