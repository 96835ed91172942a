#include "common/cel/cost.h"

#include <cmath>

namespace atoll::cel {
namespace {

constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();

}  // namespace

uint64_t AddCost(uint64_t a, uint64_t b) { return a > kMax - b ? kMax : a + b; }

uint64_t MultiplyCost(uint64_t a, uint64_t b) { return b != 0 && a > kMax / b ? kMax : a * b; }

uint64_t MultiplyCost(uint64_t a, double factor) {
  const double product = std::ceil(static_cast<double>(a) * factor);
  return product >= 18446744073709551616.0 ? kMax : static_cast<uint64_t>(product);
}

Range EstimateContext::Size(const Operand& operand) const {
  if (operand.size) return *operand.size;
  static const std::vector<std::string> kNowhere;
  const auto input = Input(operand.path == nullptr ? kNowhere : *operand.path, *operand.type);
  return input ? *input : Range::Unknown();
}

Range EstimateContext::ElementSize(const Operand& list) const {
  if (list.type->parameters().empty()) return Range::Unknown();
  std::vector<std::string> path;
  if (list.path != nullptr && !list.path->empty()) {
    path = *list.path;
    path.emplace_back("@items");
  }
  const auto input = Input(path, *list.type->parameter(0));
  return input ? *input : Range::Unknown();
}

}  // namespace atoll::cel
