// What a ResourceQuota may bound, and with what numbers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/api/errors.h"
#include "common/json/value.h"

namespace atoll::resources {

// A list of amounts by resource at `field` (spec.hard, status.used).
void CheckQuotaAmounts(const json::Value* amounts, std::string_view field, api::FieldErrors* errors);
// spec.scopes and spec.scopeSelector, which must fit what is bounded.
void CheckQuotaScopes(const json::Value& spec, api::FieldErrors* errors);

// Kubernetes keeps amounts to a precision of thousandths.
void RoundAmounts(json::Value* amounts);

// A sentence for each resource whose requests are bounded above its limits.
std::vector<std::string> QuotaWarnings(const json::Value& spec);

}  // namespace atoll::resources
