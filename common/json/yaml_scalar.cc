#include "common/json/yaml_scalar.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "absl/strings/charconv.h"
#include "common/json/yaml.h"

namespace atoll::json {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

struct Word {
  std::string_view text;
  enum class Meaning : uint8_t { kNull, kTrue, kFalse } meaning;
};
constexpr Word kWords[] = {
    {"", Word::Meaning::kNull},       {"~", Word::Meaning::kNull},      {"null", Word::Meaning::kNull},
    {"Null", Word::Meaning::kNull},   {"NULL", Word::Meaning::kNull},   {"y", Word::Meaning::kTrue},
    {"Y", Word::Meaning::kTrue},      {"yes", Word::Meaning::kTrue},    {"Yes", Word::Meaning::kTrue},
    {"YES", Word::Meaning::kTrue},    {"true", Word::Meaning::kTrue},   {"True", Word::Meaning::kTrue},
    {"TRUE", Word::Meaning::kTrue},   {"on", Word::Meaning::kTrue},     {"On", Word::Meaning::kTrue},
    {"ON", Word::Meaning::kTrue},     {"n", Word::Meaning::kFalse},     {"N", Word::Meaning::kFalse},
    {"no", Word::Meaning::kFalse},    {"No", Word::Meaning::kFalse},    {"NO", Word::Meaning::kFalse},
    {"false", Word::Meaning::kFalse}, {"False", Word::Meaning::kFalse}, {"FALSE", Word::Meaning::kFalse},
    {"off", Word::Meaning::kFalse},   {"Off", Word::Meaning::kFalse},   {"OFF", Word::Meaning::kFalse},
};

// Underscores may part digits. 0x, 0o, 0b, and a leading zero for octal.
std::optional<Value> ResolveInteger(std::string_view s) {
  std::string digits;
  std::copy_if(s.begin(), s.end(), std::back_inserter(digits), [](char c) { return c != '_'; });
  std::string_view rest = digits;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  int base = 10;
  const char second = rest.size() > 1 && rest[0] == '0' ? rest[1] : '\0';
  if (second == 'x' || second == 'X') {
    base = 16;
  } else if (second == 'o' || second == 'O') {
    base = 8;
  } else if (second == 'b' || second == 'B') {
    base = 2;
  } else if (second != '\0') {
    base = 8;
  }
  if (base != 10) rest.remove_prefix(base == 8 && IsDigit(second) ? 1 : 2);
  uint64_t magnitude = 0;
  const auto [end, ec] = std::from_chars(rest.data(), rest.data() + rest.size(), magnitude, base);
  if (rest.empty() || ec != std::errc() || end != rest.data() + rest.size()) return std::nullopt;
  constexpr auto kMax = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  if (magnitude <= kMax) return Value(negative ? -static_cast<int64_t>(magnitude) : static_cast<int64_t>(magnitude));
  if (negative && magnitude == kMax + 1) return Value(std::numeric_limits<int64_t>::min());
  return negative ? std::optional<Value>() : Value(static_cast<double>(magnitude));
}

// [-+]?[0-9]*\.?[0-9]+([eE][-+][0-9]+)? or [-+]?[0-9]+\.[0-9]*
std::optional<Value> ResolveFloat(std::string_view s) {
  std::string text;
  std::copy_if(s.begin(), s.end(), std::back_inserter(text), [](char c) { return c != '_'; });
  std::string_view rest = text;
  if (rest.starts_with('-') || rest.starts_with('+')) rest.remove_prefix(1);
  size_t digits = 0;
  const auto skip_digits = [&] {
    while (!rest.empty() && IsDigit(rest.front())) {
      rest.remove_prefix(1);
      ++digits;
    }
  };
  skip_digits();
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    skip_digits();
  }
  if (digits == 0) return std::nullopt;
  if (rest.starts_with('e') || rest.starts_with('E')) {
    rest.remove_prefix(1);
    if (rest.starts_with('-') || rest.starts_with('+')) rest.remove_prefix(1);
    digits = 0;
    skip_digits();
    if (digits == 0) return std::nullopt;
  }
  if (!rest.empty()) return std::nullopt;
  std::string_view number = text;
  if (number.starts_with('+')) number.remove_prefix(1);
  double d = 0;
  const auto result = absl::from_chars(number.data(), number.data() + number.size(), d);
  if (result.ec == std::errc::result_out_of_range && std::fabs(d) > 1) return std::nullopt;
  return Value(d);
}

// Numbers in base 60 (`1:20`) are strings to us, but numbers to other readers: writers quote them.
bool IsBase60(std::string_view s) {
  return s.find(':') != std::string_view::npos && std::all_of(s.begin(), s.end(), [](char c) {
           return IsDigit(c) || c == ':' || c == '_' || c == '.' || c == '-' || c == '+';
         });
}

// A YAML 1.1 timestamp begins like 2001-02-03; what follows is not looked at, which quotes a little more than needed.
bool IsDate(std::string_view s) {
  constexpr std::string_view kShape = "dddd-dd-dd";
  if (s.size() < kShape.size()) return false;
  for (size_t i = 0; i < kShape.size(); ++i) {
    if (kShape[i] == 'd' ? !IsDigit(s[i]) : s[i] != kShape[i]) return false;
  }
  return s.size() == kShape.size() || s[kShape.size()] == 'T' || s[kShape.size()] == 't' || s[kShape.size()] == ' ';
}

}  // namespace

Value ResolvePlainScalar(std::string_view s) {
  for (const Word& w : kWords) {
    if (w.text == s) return w.meaning == Word::Meaning::kNull ? Value() : Value(w.meaning == Word::Meaning::kTrue);
  }
  const char first = s.front();
  if (IsDigit(first) || first == '-' || first == '+' || first == '.') {
    if (std::optional<Value> v = ResolveInteger(s)) return *std::move(v);
    if (std::optional<Value> v = ResolveFloat(s)) return *std::move(v);
  }
  return Value(s);
}

bool IsNotFinite(std::string_view s) {
  for (std::string_view special :
       {".inf", ".Inf", ".INF", "+.inf", "-.inf", "+.Inf", "-.Inf", "+.INF", "-.INF", ".nan", ".NaN", ".NAN"}) {
    if (s == special) return true;
  }
  return false;
}

bool YamlPlainIsString(std::string_view plain) {
  return ResolvePlainScalar(plain).is_string() && !IsBase60(plain) && !IsDate(plain) && !IsNotFinite(plain);
}

}  // namespace atoll::json
