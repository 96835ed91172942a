// Quantity: a number with a unit suffix, as Kubernetes writes amounts: 5, 1500m, 2k, 1Gi, 1e3. A value with the format
// it was written in; printed canonically (spec/api-machinery.md 10.3; the `resource.Quantity` of Kubernetes' API).
//
// Exact to one billionth, rounded up beyond; bounded by 2^63 - 1, to which larger numbers are cut. Value type.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace atoll::api {

class Quantity {
 public:
  Quantity() = default;
  explicit Quantity(int64_t whole);  // printed decimally
  // Errors: InvalidArgument with Kubernetes' words.
  static absl::StatusOr<Quantity> Parse(std::string_view text);

  std::string ToString() const;
  bool IsWhole() const { return nanos_ % kNanosOfOne == 0; }
  bool negative() const { return nanos_ < 0; }
  // Rounded up.
  int64_t Whole() const;
  friend bool operator==(const Quantity& a, const Quantity& b) { return a.nanos_ == b.nanos_; }
  friend auto operator<=>(const Quantity& a, const Quantity& b) { return a.nanos_ <=> b.nanos_; }

 private:
  enum class Format : uint8_t { kDecimal, kBinary, kExponent };
  using Nanos = __int128;  // 2^63 wholes fit with room to spare
  static constexpr Nanos kNanosOfOne = 1'000'000'000;

  Nanos nanos_ = 0;
  Format format_ = Format::kDecimal;
};

}  // namespace atoll::api
