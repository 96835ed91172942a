#include "common/api/quantity.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "common/base/strings.h"

namespace atoll::api {
namespace {

using Nano = __int128;

constexpr int kNanoDigits = 9;
// 10^38: what fits into a Nano, that is 10^29 units.
constexpr int kDigitsMax = 38;
constexpr Nano kBound = Nano{10'000'000'000'000'000} * 10'000'000'000'000'000 * 1'000'000;
constexpr int64_t kExponentMax = 100;

absl::Status WrongFormat() {
  return absl::InvalidArgumentError(
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
}
absl::Status WrongSuffix() { return absl::InvalidArgumentError("unable to parse quantity's suffix"); }
absl::Status WrongNumber() { return absl::InvalidArgumentError("unable to parse numeric part of quantity"); }

constexpr std::string_view kBinarySuffixes[] = {"Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
struct DecimalSuffix {
  std::string_view text;
  int exponent;
};
constexpr DecimalSuffix kDecimalSuffixes[] = {{"n", -9}, {"u", -6}, {"m", -3}, {"", 0},   {"k", 3},
                                              {"M", 6},  {"G", 9},  {"T", 12}, {"P", 15}, {"E", 18}};

// The text cut into its parts; nothing is judged but the shape.
struct Parts {
  bool negative = false;
  std::string_view whole, fraction, suffix;
};

bool Cut(std::string_view text, Parts* parts) {
  size_t at = 0;
  auto run = [&](auto belongs) {
    const size_t from = at;
    while (at < text.size() && belongs(text[at])) ++at;
    return text.substr(from, at - from);
  };
  auto digit = [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); };
  auto is_sign = [&] { return at < text.size() && (text[at] == '-' || text[at] == '+'); };
  if (is_sign()) parts->negative = text[at++] == '-';
  parts->whole = run(digit);
  if (at < text.size() && text[at] == '.') {
    ++at;
    parts->fraction = run(digit);
  }
  const size_t suffix = at;
  run([](char c) { return std::string_view("eEinumkKMGTP").find(c) != std::string_view::npos; });
  if (is_sign()) ++at;
  run(digit);
  parts->suffix = text.substr(suffix, at - suffix);
  return at == text.size();
}

bool MultiplyBounded(Nano* value, Nano factor) { return !__builtin_mul_overflow(*value, factor, value); }

// `digits` x 10^exponent, rounded up to a whole number. False when it does not fit.
bool Scale(std::string digits, int64_t exponent, Nano* out) {
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  bool round_up = false;
  while (exponent < 0 && !digits.empty()) {
    round_up = round_up || digits.back() != '0';
    digits.pop_back();
    ++exponent;
  }
  *out = 0;
  if (!digits.empty() && exponent > 0) {
    if (static_cast<int64_t>(digits.size()) + exponent > kDigitsMax) return false;
    digits.append(static_cast<size_t>(exponent), '0');
  }
  if (digits.size() > kDigitsMax) return false;
  for (char c : digits) *out = *out * 10 + (c - '0');
  if (round_up) ++*out;
  return true;
}

// Kubernetes keeps a text that is already in its form. It judges by the text alone: a number of a binary unit that no
// larger unit divides, or a decimal whose unit goes in steps of a thousand and whose digits do not end in three zeros.
bool IsKept(const Parts& parts, bool binary, int64_t exponent) {
  const std::string digits = Cat(parts.whole, parts.fraction);
  if (digits.size() > 15) return false;
  if (binary) {
    int64_t number = 0;
    return parts.fraction.empty() && absl::SimpleAtoi(digits, &number) && number % 8 != 0;
  }
  const int64_t scale = exponent - static_cast<int64_t>(parts.fraction.size());
  return scale % 3 == 0 && scale >= -kNanoDigits && !digits.ends_with("000") && digits[0] != '0';
}

std::string Digits(Nano value) {
  if (value == 0) return "0";
  const bool negative = value < 0;
  unsigned __int128 rest = negative ? -static_cast<unsigned __int128>(value) : static_cast<unsigned __int128>(value);
  std::string out;
  for (; rest != 0; rest /= 10) out.push_back(static_cast<char>('0' + static_cast<int>(rest % 10)));
  if (negative) out.push_back('-');
  std::reverse(out.begin(), out.end());
  return out;
}

}  // namespace

absl::StatusOr<Quantity> Quantity::Parse(std::string_view text) {
  Parts parts;
  if (text.empty() || !Cut(text, &parts)) return WrongFormat();
  Quantity q;
  int64_t exponent = 0;
  int binary = 0;  // powers of 1024
  const std::string_view suffix = parts.suffix;
  const auto* unit = std::find_if(std::begin(kDecimalSuffixes), std::end(kDecimalSuffixes),
                                  [&](const DecimalSuffix& s) { return s.text == suffix; });
  const auto* power = std::find(std::begin(kBinarySuffixes), std::end(kBinarySuffixes), suffix);
  if (unit != std::end(kDecimalSuffixes)) {
    exponent = unit->exponent;
  } else if (power != std::end(kBinarySuffixes)) {
    q.format_ = Format::kBinary;
    binary = static_cast<int>(power - std::begin(kBinarySuffixes)) + 1;
  } else if (suffix.size() > 1 && (suffix[0] == 'e' || suffix[0] == 'E')) {
    q.format_ = Format::kExponent;
    if (!absl::SimpleAtoi(ToAbsl(suffix.substr(1)), &exponent)) return WrongSuffix();
  } else {
    return WrongSuffix();
  }
  std::string digits = Cat(parts.whole, parts.fraction);
  if (digits.empty()) return WrongNumber();
  if (exponent > kExponentMax || exponent < -kExponentMax) return WrongNumber();
  const auto fraction = static_cast<int64_t>(parts.fraction.size());
  if (binary > 0) {
    // Whole numbers of the unit and its fraction; the fraction's finest step is rounded like any other.
    const Nano factor = Nano{1} << (10 * binary);
    Nano whole = 0, rest = 0;
    if (!Scale(std::string(parts.whole), kNanoDigits, &whole) || !MultiplyBounded(&whole, factor)) return WrongNumber();
    if (!Scale(std::string(parts.fraction.substr(0, 18)), kNanoDigits + 9 - std::min<int64_t>(fraction, 18), &rest) ||
        !MultiplyBounded(&rest, factor)) {
      return WrongNumber();
    }
    if (whole >= kBound) return WrongNumber();
    q.nano_ = whole + (rest + kNanoPerUnit - 1) / kNanoPerUnit;
    if (q.nano_ > 0 && q.nano_ < kNanoPerUnit) q.format_ = Format::kDecimal;
  } else if (!Scale(digits, exponent - fraction + kNanoDigits, &q.nano_)) {
    return WrongNumber();
  }
  if (q.nano_ >= kBound) return WrongNumber();
  if (parts.negative) q.nano_ = -q.nano_;
  if (IsKept(parts, binary > 0, exponent)) q.written_ = text;
  return q;
}

std::string Quantity::ToString() const {
  if (!written_.empty()) return written_;
  if (nano_ == 0) return "0";
  const bool whole = nano_ % kNanoPerUnit == 0;
  if (format_ == Format::kBinary && whole) {
    Nano units = nano_ / kNanoPerUnit;
    if (units >= 1024 || units <= -1024) {
      size_t power = 0;
      for (; power < std::size(kBinarySuffixes) && units % 1024 == 0; ++power) units /= 1024;
      return Cat(Digits(units), power == 0 ? "" : kBinarySuffixes[power - 1]);
    }
  }
  Nano units = nano_;
  int exponent = -kNanoDigits;
  for (; exponent < 18 && units % 1000 == 0; exponent += 3) units /= 1000;
  if (format_ == Format::kExponent) {
    return exponent == 0 ? Digits(units) : Cat(Digits(units), "e", exponent);
  }
  const auto* unit = std::find_if(std::begin(kDecimalSuffixes), std::end(kDecimalSuffixes),
                                  [&](const DecimalSuffix& s) { return s.exponent == exponent; });
  return Cat(Digits(units), unit->text);
}

int64_t Quantity::Whole() const {
  const Nano rest = nano_ % kNanoPerUnit;
  const Nano whole = nano_ / kNanoPerUnit + (rest > 0 ? 1 : 0);
  return static_cast<int64_t>(std::clamp<Nano>(whole, INT64_MIN, INT64_MAX));
}

__int128 Quantity::RoundedToMilli() const {
  constexpr Nano kStep = kNanoPerUnit / 1000;
  const Nano rest = nano_ % kStep;
  if (rest == 0) return nano_;
  return rest > 0 ? nano_ - rest + kStep : nano_ - rest - kStep;
}

void Quantity::RoundUpToMilli() {
  const Nano rounded = RoundedToMilli();
  if (rounded == nano_) return;
  nano_ = rounded;
  written_.clear();
}

void Quantity::Add(Nano nano, Format format) {
  if (nano_ == 0) format_ = format;
  written_.clear();
  if (__builtin_add_overflow(nano_, nano, &nano_)) nano_ = nano > 0 ? kBound : -kBound;
  nano_ = std::clamp(nano_, -kBound, kBound);
}

Quantity& Quantity::operator+=(const Quantity& other) {
  Add(other.nano_, other.format_);
  return *this;
}

Quantity& Quantity::operator-=(const Quantity& other) {
  Add(-other.nano_, other.format_);
  return *this;
}

}  // namespace atoll::api
