// From a structural schema with x-kubernetes-validations to a RuleSet, or to the errors that Kubernetes finds in it
// (spec/api-machinery.md 7.9).
#pragma once

#include <string>

#include "common/api/errors.h"
#include "common/rules/rule_set.h"

namespace atoll::rules {

// What of the estimates is refused: everything that exceeds its limit; of a schema that was stored as it is only the
// total; of one that is about to be used nothing.
enum class Costs : uint8_t { kChecked, kTotalOnly, kUnchecked };

// Null when the schema has no rules, or errors. REQUIRES: `schema` is structural, and stands at `path` in what is
// validated.
RuleSetPtr Compile(const json::Value& schema, const std::string& path, Costs costs, api::FieldErrors* errors);

}  // namespace atoll::rules
