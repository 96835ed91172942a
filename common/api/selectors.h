// Label and field selectors: parsed once per request or watch, then matched against many objects. Immutable,
// thread-safe to read. Grammar and texts: spec/api-machinery.md 3.8.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "common/json/value.h"

namespace atoll::api {

struct LabelRequirement {
  enum class Operator : uint8_t { kIn, kNotIn, kEquals, kNotEquals, kExists, kDoesNotExist, kGreaterThan, kLessThan };
  std::string key;
  Operator op = Operator::kExists;
  std::vector<std::string> values;  // sorted, each once

  // `value`: what the object has under `key`, if anything.
  bool Matches(std::optional<std::string_view> value) const;
};

// A conjunction of requirements. Default: matches everything.
class LabelSelector {
 public:
  // Errors: BadRequest with Kubernetes' words.
  static absl::StatusOr<LabelSelector> Parse(std::string_view text);
  // From a LabelSelector object (matchLabels, matchExpressions). Null: matches nothing; empty: everything.
  // Errors: InvalidArgument for what ValidateLabelSelector refuses.
  static absl::StatusOr<LabelSelector> FromObject(const json::Value* selector);

  bool Matches(const json::Value& object) const { return MatchesLabels(object.At({"metadata", "labels"})); }
  // `labels`: the object's metadata.labels; null or another kind is an empty map.
  bool MatchesLabels(const json::Value* labels) const;
  // For labels that are not parsed: `value_of` yields a label's value, nothing when the object does not have it.
  bool MatchesLabels(absl::FunctionRef<std::optional<std::string_view>(std::string_view key)> value_of) const;
  bool matches_everything() const { return !nothing_ && requirements_.empty(); }
  const std::vector<LabelRequirement>& requirements() const { return requirements_; }

 private:
  std::vector<LabelRequirement> requirements_;
  bool nothing_ = false;
};

struct FieldRequirement {
  std::string field, value;
  bool equal = true;  // false: !=
};

// Default: matches everything.
class FieldSelector {
 public:
  // Errors: BadRequest with Kubernetes' words. Which fields a resource supports is the caller's to check (CheckFields).
  static absl::StatusOr<FieldSelector> Parse(std::string_view text);

  // `value_of` yields a field's value, "" when the object has none.
  bool Matches(absl::FunctionRef<std::string(std::string_view field)> value_of) const;
  bool matches_everything() const { return requirements_.empty(); }
  const std::vector<FieldRequirement>& requirements() const { return requirements_; }
  // The value that `field` must equal, or null when no requirement says so.
  const std::string* ExactValue(std::string_view field) const;

 private:
  std::vector<FieldRequirement> requirements_;
};

// Refusals of a field that a resource does not support: for types with conversions of their own and all custom
// resources, and for the rest.
absl::Status UnsupportedFieldLabel(std::string_view field);
absl::Status UnknownFieldSelector(std::string_view field);

}  // namespace atoll::api
