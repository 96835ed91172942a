// The subset of kubectl's JSONPath that printer columns use: members, indexes, wildcards and filters.
//
//   .spec.type.name   .metadata.labels['region']   .metadata.annotations.example\.com/x   .items[0]   .items[-1]
//   .a[*].b .status.conditions[?(@.type=="Ready")].status
//
// Parsed once, then used for many objects; immutable. Braces around the whole are optional.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/json/value.h"

namespace atoll::api {

class JsonPath {
 public:
  // Errors: InvalidArgument. Bound: kStepsMax steps.
  static absl::StatusOr<JsonPath> Parse(std::string_view text);

  // All matches in document order; pointers into `root`. Missing members match nothing.
  std::vector<const json::Value*> Find(const json::Value& root) const;
  // The first match or null.
  const json::Value* First(const json::Value& root) const;

 private:
  enum class Comparison : uint8_t { kExists, kEqual, kNotEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual };
  struct Step {
    enum class Kind : uint8_t { kMember, kIndex, kWildcard, kFilter } kind = Kind::kMember;
    std::string member;
    int64_t index = 0;
    std::vector<Step> filter_path;  // after @
    Comparison comparison = Comparison::kExists;
    json::Value literal;
  };
  class Parser;

  static void Walk(const std::vector<Step>& steps, size_t at, const json::Value& v,
                   std::vector<const json::Value*>* out);
  static bool Holds(const Step& filter, const json::Value& item);

  std::vector<Step> steps_;
};

}  // namespace atoll::api
