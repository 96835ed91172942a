// Cost: how much an expression may take at most, known before it runs, and how much it took. Units are Kubernetes':
// the estimate decides which expressions may be stored, so both must be counted as every API server counts them.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/cel/value.h"

namespace atoll::cel {

// A call of one evaluation may take no more (its error is `operation cancelled: actual cost limit exceeded`).
inline constexpr uint64_t kPerCallLimit = 1'000'000;
// All rules of one object, of one policy binding, of one set of match conditions.
inline constexpr uint64_t kPerObjectBudget = 10'000'000;
inline constexpr uint64_t kMatchConditionsBudget = 2'500'000;
// What an estimate may say of one rule, and of all rules of a schema.
inline constexpr uint64_t kEstimatedRuleLimit = 10'000'000;
inline constexpr uint64_t kEstimatedSchemaLimit = 100'000'000;

inline constexpr double kStringTraversalFactor = 0.1;
inline constexpr double kRegexLengthFactor = 0.25;
inline constexpr uint64_t kListCost = 10, kMapCost = 30, kStructCost = 40;

// Saturating arithmetic; UINT64_MAX is "unbounded".
uint64_t AddCost(uint64_t a, uint64_t b);
uint64_t MultiplyCost(uint64_t a, uint64_t b);
uint64_t MultiplyCost(uint64_t a, double factor);  // rounded up

// Of costs and of sizes alike.
struct Range {
  uint64_t min = 0, max = 0;

  static Range Fixed(uint64_t n) { return {n, n}; }
  static Range Unknown() { return {0, std::numeric_limits<uint64_t>::max()}; }
  Range operator+(const Range& o) const { return {AddCost(min, o.min), AddCost(max, o.max)}; }
  Range operator*(const Range& o) const { return {MultiplyCost(min, o.min), MultiplyCost(max, o.max)}; }
  Range operator*(double factor) const { return {MultiplyCost(min, factor), MultiplyCost(max, factor)}; }
  Range Union(const Range& o) const { return {std::min(min, o.min), std::max(max, o.max)}; }
};

// An expression as estimates see it.
struct Operand {
  // From a variable through fields, `@items`, `@keys` and `@values`; empty when it is none of the input's.
  const std::vector<std::string>* path = nullptr;
  const Type* type = nullptr;
  const Value* literal = nullptr;
  std::optional<Range> size;  // as the expression itself tells
};

// What is known of the input: bounds of strings, lists and maps from a schema.
class SizeEstimator {
 public:
  virtual ~SizeEstimator() = default;
  // As `size()` counts. Nothing when it is not known; then it is unbounded.
  virtual std::optional<Range> EstimateSize(const std::vector<std::string>& path, const Type& type) const = 0;
};

// What estimates of functions ask for.
class EstimateContext {
 public:
  explicit EstimateContext(const SizeEstimator* sizes) : sizes_(sizes) {}
  // From the expression, else from the input, else unbounded.
  Range Size(const Operand& operand) const;
  // From the expression only, else unbounded.
  static Range KnownSize(const Operand& operand) { return operand.size ? *operand.size : Range::Unknown(); }
  // Of a list's elements.
  Range ElementSize(const Operand& list) const;
  std::optional<Range> Input(const std::vector<std::string>& path, const Type& type) const {
    return sizes_ == nullptr ? std::nullopt : sizes_->EstimateSize(path, type);
  }

 private:
  const SizeEstimator* const sizes_;
};

struct CallEstimate {
  Range cost = Range::Fixed(1);
  std::optional<Range> size;  // of the result
};

}  // namespace atoll::cel
