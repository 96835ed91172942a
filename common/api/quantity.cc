#include "common/api/quantity.h"

#include <algorithm>
#include <array>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "common/base/strings.h"

namespace atoll::api {
namespace {

constexpr char kMalformed[] =
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
constexpr char kBadSuffix[] = "unable to parse quantity's suffix";
constexpr std::array<std::string_view, 10> kDecimalSuffixes = {"n", "u", "m", "", "k", "M", "G", "T", "P", "E"};
constexpr std::array<std::string_view, 6> kBinarySuffixes = {"Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
constexpr int kOneAt = 3;          // "" in kDecimalSuffixes
constexpr int kExponentMax = 999;  // beyond it everything is cut or rounded away
constexpr size_t kTextBytesMax = 1024;

absl::Status Bad(const char* why) { return absl::InvalidArgumentError(why); }

}  // namespace

Quantity::Quantity(int64_t whole) : nanos_(Nanos{whole} * kNanosOfOne) {}

absl::StatusOr<Quantity> Quantity::Parse(std::string_view text) {
  if (text.empty() || text.size() > kTextBytesMax) return Bad(kMalformed);
  std::string_view rest = text;
  const bool negative = rest.front() == '-';
  if (negative || rest.front() == '+') rest.remove_prefix(1);
  std::string digits;  // without the point
  int after_point = 0;
  bool point = false;
  size_t at = 0;
  for (; at < rest.size(); ++at) {
    if (rest[at] == '.') {
      if (point) return Bad(kMalformed);
      point = true;
    } else if (absl::ascii_isdigit(static_cast<unsigned char>(rest[at]))) {
      digits += rest[at];
      after_point += point;
    } else {
      break;
    }
  }
  if (digits.empty()) return Bad(kMalformed);
  const std::string_view suffix = rest.substr(at);
  if (suffix.find_first_not_of("eEinumkKMGTP+-0123456789") != std::string_view::npos) return Bad(kMalformed);

  // The number is digits * 10^ten * 1024^binary.
  int ten = -after_point, binary = 0;
  Quantity out;
  bool known = false;
  for (size_t i = 0; i < kDecimalSuffixes.size(); ++i) {
    if (suffix == kDecimalSuffixes[i]) {
      ten += 3 * (static_cast<int>(i) - kOneAt);
      known = true;
    }
  }
  for (size_t i = 0; i < kBinarySuffixes.size(); ++i) {
    if (suffix == kBinarySuffixes[i]) {
      binary = static_cast<int>(i) + 1;
      out.format_ = Format::kBinary;
      known = true;
    }
  }
  if (!known) {
    int exponent = 0;
    if ((suffix.front() != 'e' && suffix.front() != 'E') || !absl::SimpleAtoi(ToAbsl(suffix.substr(1)), &exponent))
      return Bad(kBadSuffix);
    ten += std::max(-kExponentMax, std::min(kExponentMax, exponent));
    out.format_ = Format::kExponent;
  }

  const Nanos limit = Nanos{std::numeric_limits<int64_t>::max()} * kNanosOfOne;
  // Large intermediate values are cut at a bound from which neither a factor of ten nor of 1024 overflows.
  const Nanos cut = limit * 1024;
  Nanos value = 0;
  bool inexact = false;
  const size_t whole_digits = digits.size() - static_cast<size_t>(after_point);
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i >= whole_digits && value > limit) {
      // Far below what is kept.
      inexact = inexact || digits[i] != '0';
      ++ten;
      continue;
    }
    value = std::min<Nanos>(cut, value * 10 + (digits[i] - '0'));
  }
  for (int i = 0; i < binary; ++i) value = std::min<Nanos>(cut, value * 1024);
  for (ten += 9; ten > 0 && value != 0; --ten) value = std::min<Nanos>(cut, value * 10);
  for (; ten < 0 && value != 0; ++ten) {
    inexact = inexact || value % 10 != 0;
    value /= 10;
  }
  if (inexact) ++value;  // away from zero, as Kubernetes rounds
  value = std::min(value, limit);
  out.nanos_ = negative ? -value : value;
  return out;
}

int64_t Quantity::Whole() const {
  Nanos whole = nanos_ / kNanosOfOne;
  if (nanos_ > 0 && nanos_ % kNanosOfOne != 0) ++whole;
  return static_cast<int64_t>(std::min<Nanos>(whole, std::numeric_limits<int64_t>::max()));
}

std::string Quantity::ToString() const {
  if (nanos_ == 0) return "0";
  const bool negative = nanos_ < 0;
  Nanos value = negative ? -nanos_ : nanos_;
  const auto print = [&](std::string_view suffix) {
    std::string digits;  // more than 64 bits hold, when there are nanos beside many wholes
    for (; value != 0; value /= 10)
      digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(value % 10)));
    return StrCat(negative ? "-" : "", digits, suffix);
  };
  if (format_ == Format::kBinary && value >= 1024 * kNanosOfOne) {
    value = (value + kNanosOfOne - 1) / kNanosOfOne;
    size_t power = 0;
    while (power < kBinarySuffixes.size() && value % 1024 == 0) {
      value /= 1024;
      ++power;
    }
    return print(power == 0 ? std::string_view() : kBinarySuffixes[power - 1]);
  }
  size_t power = 0;  // nanos
  while (power + 1 < kDecimalSuffixes.size() && value % 1000 == 0) {
    value /= 1000;
    ++power;
  }
  const int exponent = 3 * (static_cast<int>(power) - kOneAt);
  if (format_ == Format::kExponent) return print(exponent == 0 ? std::string() : StrCat("e", exponent));
  return print(kDecimalSuffixes[power]);
}

}  // namespace atoll::api
