// What rows of several libraries cost. For .cc files of this folder.
#pragma once

#include <cmath>

#include "common/cel/function.h"

namespace atoll::cel::lib {

inline uint64_t Scaled(uint64_t size, double factor) {
  return static_cast<uint64_t>(std::ceil(static_cast<double>(size) * factor));
}

// Reading one argument from end to end, `kTimes` times.
template <size_t kArgument, int kTimes = 1>
uint64_t TraversalCost(Arguments args, const Value&) {
  return Scaled(CostSize(args[kArgument]), kTimes * kStringTraversalFactor);
}
template <size_t kArgument, int kTimes = 1>
CallEstimate TraversalEstimate(const EstimateContext& c, std::span<const Operand> args) {
  return {.cost = c.Size(args[kArgument]) * (kTimes * kStringTraversalFactor), .size = {}};
}
// The same, with a result of the argument's size.
template <size_t kArgument>
CallEstimate SameSizeEstimate(const EstimateContext& c, std::span<const Operand> args) {
  const Range size = c.Size(args[kArgument]);
  return {.cost = size * kStringTraversalFactor, .size = size};
}

// A pattern over a string: (length + 1) by a part of the pattern's length.
inline uint64_t RegexCost(Arguments args, const Value&) {
  return MultiplyCost(Scaled(CostSize(args[0]) + 1, kStringTraversalFactor),
                      Scaled(CostSize(args[1]), kRegexLengthFactor));
}
inline Range RegexEstimate(const Range& text, const Range& pattern) {
  return (text + Range::Fixed(1)) * kStringTraversalFactor * (pattern * kRegexLengthFactor);
}

}  // namespace atoll::cel::lib
