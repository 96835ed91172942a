// Quantity: amounts with a unit, as resource quotas and limits write them: `500m`, `1.5Gi`, `1e3`.
//
// A number and one of three ways to write it: powers of 1024 (Ki ... Ei), powers of 1000 (n, u, m, k ... E), or a
// decimal exponent. Reading and printing one gives Kubernetes' canonical form, in which equal objects are equal bytes:
// no fraction, the largest unit that keeps the number whole. Kept in billionths; finer amounts are rounded away from
// zero, as Kubernetes does. Pure values; thread-safe.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace atoll::api {

class Quantity {
 public:
  Quantity() = default;  // zero
  explicit Quantity(int64_t whole) : nano_(Nano{whole} * kNanoPerUnit) {}

  // Errors: InvalidArgument with Kubernetes' words; also for amounts beyond 10^29, which Kubernetes would keep.
  static absl::StatusOr<Quantity> Parse(std::string_view text);

  // Canonical; what was written, where Kubernetes leaves it as it is (`1500m`, `12e6`).
  std::string ToString() const;

  bool negative() const { return nano_ < 0; }
  // Rounded up, and cut to what 64 bits hold.
  int64_t Whole() const;
  // Whether it is a whole number of the unit, to a precision of thousandths.
  bool IsWhole() const { return RoundedToMilli() % kNanoPerUnit == 0; }
  // Fractions of a thousandth are rounded away from zero.
  void RoundUpToMilli();

  // The sum and the difference are written as the left one is, unless that is zero. Bounded at +-10^29.
  Quantity& operator+=(const Quantity& other);
  Quantity& operator-=(const Quantity& other);
  friend std::strong_ordering operator<=>(const Quantity& a, const Quantity& b) {
    return a.nano_ < b.nano_   ? std::strong_ordering::less
           : a.nano_ > b.nano_ ? std::strong_ordering::greater
                               : std::strong_ordering::equal;
  }
  friend bool operator==(const Quantity& a, const Quantity& b) { return a.nano_ == b.nano_; }

 private:
  using Nano = __int128;
  enum class Format : uint8_t { kDecimal, kBinary, kExponent };
  static constexpr int64_t kNanoPerUnit = 1'000'000'000;

  Nano RoundedToMilli() const;
  void Add(Nano nano, Format format);

  Nano nano_ = 0;
  Format format_ = Format::kDecimal;
  std::string written_;  // when it is to be printed as it was read
};

}  // namespace atoll::api
